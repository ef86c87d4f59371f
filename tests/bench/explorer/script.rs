//! What is typed: every screen, its lists from end to end, and everything that takes text.

use kreach::tui::facts::Facts;

/// Keys on one screen or one part of it.
pub struct Scene {
    pub name: &'static str,
    pub keys: String,
}

/// Scenes in an order in which each begins where the one before has ended.
pub fn scenes(facts: &dyn Facts) -> Vec<Scene> {
    let workloads = facts.workloads();
    let spelled = |at: usize| {
        let row = workloads.get(at.min(workloads.len() - 1)).unwrap();
        facts.spelling(&row.key)
    };
    let (some, other) = (spelled(workloads.len() / 3), spelled(workloads.len() / 2));
    let far = times("<c-d>", 40) + &times("<c-u>", 10);
    let list = times("j", 30) + &far + "Gkkkgjjj";
    let cells = times("j", 10) + &times("l", 10) + &times("L", 10) + &far + "Ghhhg";
    let of = |name, keys: String| Scene { name, keys };
    vec![
        of("home", format!("1{list}<tab>{list}<tab>{list}<tab>")),
        of("workloads", format!("2{list}{far}")),
        of("inbound", format!("<tab>{list}")),
        of("outbound", format!("<tab>{list}<esc>")),
        of("why", "2<tab>gj<enter>jjjGgr<esc>".into()),
        of("filter workloads", "2/api ns:prod<enter>jjjGg/<esc>".into()),
        of("namespace", "2nprod<enter>jjjG<tab>jj<esc>60".into()),
        of("matrix", format!("3{cells}")),
        of("matrix transposed", format!("T{cells}T")),
        of("matrix folded", format!("z{cells}z")),
        of("matrix filter", "/prod-1<enter>jjll/<esc>".into()),
        of(
            "matrix workloads",
            "gjjlll<enter>jjjllljjj<esc><esc>".into(),
        ),
        of("exposed", format!("5{list}<tab>jjj<tab>")),
        of("filter exposed", "/api<enter>jjj/<esc>".into()),
        of("policies", format!("6{list}<tab>jjj<tab>")),
        of("filter policies", "/allow-d<enter>jjjGg/<esc>".into()),
        of("duties", format!("7{list}<tab>jjj<tab>")),
        of(
            "what if",
            format!("1w{some} -> {other}:8080<enter>jjj<esc><esc>"),
        ),
        of(
            "complete",
            "1wprod<down><down><tab> -> api<down><tab><esc><esc>".into(),
        ),
        of("paths", "2gjjjjxjjj<esc>".into()),
        of("blast radius", "2gjjjjbjjjGg<esc>".into()),
        of("layers", "1:polic<esc>?matrix<esc>!jjj<esc>".into()),
    ]
}

fn times(key: &str, count: usize) -> String {
    key.repeat(count)
}
