//! Presses keys on the explorer and takes the time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use kreach::tui::app::background::Ticket;
use kreach::tui::app::{App, Setup};
use kreach::tui::draw::draw;
use kreach::tui::facts::{Facts, Inquiry};
use kreach::tui::key::Press;
use kreach::tui::keymap::Keymap;
use kreach::tui::msg::{Connection, Effect, Msg, Report};
use kreach::tui::theme::{Depth, Glyphs, Palette, Theme};
use kreach::tui::update::update;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

/// Answers that may follow from one key; more would be questions without end.
const MOST_ANSWERS: usize = 20;

/// An explorer on a screen of a fixed size.
pub struct Driver {
    app: App,
    terminal: Terminal<TestBackend>,
    questions: VecDeque<(Ticket, Inquiry)>,
    pub samples: Samples,
}

/// How long what took.
#[derive(Default)]
pub struct Samples {
    /// From a key to the frame that shows what it did.
    pub keys: Vec<Sample>,
    /// Drawing alone.
    pub frames: Vec<Duration>,
    /// From an answer of the worker to its frame.
    pub answers: Vec<Sample>,
    /// What the worker took for an answer, by topic.
    pub answered: Vec<(&'static str, Duration)>,
}

pub struct Sample {
    pub scene: &'static str,
    pub key: String,
    pub time: Duration,
}

pub fn now() -> Timestamp {
    "2026-11-23T02:51:10Z".parse().unwrap()
}

impl Driver {
    pub fn new((columns, rows): (u16, u16)) -> Self {
        let setup = Setup {
            context: "bench".into(),
            contexts: Vec::new(),
            connection: Connection::Live,
            namespaces: BTreeSet::new(),
            theme: Theme {
                palette: Palette::Ansi,
                glyphs: Glyphs::Unicode,
            },
            depth: Depth::True,
            keymap: Keymap::builtin(),
            source_options: String::new(),
            now: now(),
        };
        Self {
            app: App::new(setup),
            terminal: Terminal::new(TestBackend::new(columns, rows)).unwrap(),
            questions: VecDeque::new(),
            samples: Samples::default(),
        }
    }

    /// A version of the cluster arrives; how long it keeps the drawing thread.
    pub fn show(&mut self, facts: Arc<dyn Facts>) -> Duration {
        let time = self.send(Msg::Facts(Some(facts)));
        self.answer_all(("new data", ""));
        time
    }

    pub fn play(&mut self, scene: &'static str, keys: &str) {
        for press in Press::sequence(keys).unwrap() {
            let key = press.to_string();
            let time = self.send(Msg::Key(press.event()));
            self.answer_all((scene, &key));
            self.samples.keys.push(Sample { scene, key, time });
        }
    }

    /// Applies a message and draws, as the loop of the explorer does.
    fn send(&mut self, msg: Msg) -> Duration {
        let began = Instant::now();
        let effects = update(&mut self.app, msg);
        self.keep(effects);
        if self.app.dirty {
            let report = self.draw();
            let effects = update(&mut self.app, Msg::Drawn(report));
            self.keep(effects);
        }
        began.elapsed()
    }

    fn draw(&mut self) -> Report {
        let began = Instant::now();
        let mut report = Report::default();
        let app = &self.app;
        let drawn = self
            .terminal
            .draw(|frame| report = draw(app, frame.area(), frame.buffer_mut()));
        drawn.unwrap();
        self.samples.frames.push(began.elapsed());
        report
    }

    fn keep(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Compute { ticket, inquiry } => {
                    // A newer question of the same topic replaces one that waits.
                    let topic = inquiry.topic();
                    self.questions.retain(|(_, other)| other.topic() != topic);
                    self.questions.push_back((ticket, inquiry));
                }
                Effect::Quit => panic!("a key of the script leaves the explorer"),
                Effect::Copy(_)
                | Effect::Suspend
                | Effect::Redraw
                | Effect::Ask(_)
                | Effect::Look(_)
                | Effect::Write { .. }
                | Effect::EditOutside(..) => {}
            }
        }
    }

    /// Answers what the worker would be asked.
    fn answer_all(&mut self, (scene, key): (&'static str, &str)) {
        for _ in 0..MOST_ANSWERS {
            let (Some((ticket, inquiry)), Some(facts)) =
                (self.questions.pop_front(), self.app.facts.clone())
            else {
                return;
            };
            let began = Instant::now();
            let outcome = Arc::new(facts.compute(&inquiry));
            self.samples
                .answered
                .push((name(&inquiry), began.elapsed()));
            let time = self.send(Msg::Answer { ticket, outcome });
            let key = key.to_owned();
            self.samples.answers.push(Sample { scene, key, time });
        }
        panic!("questions without end behind {key} of {scene}");
    }
}

fn name(inquiry: &Inquiry) -> &'static str {
    match inquiry {
        Inquiry::Why(..) => "why",
        Inquiry::Advice(_) => "advice",
        Inquiry::Matrix(_) => "matrix",
        Inquiry::Fold { .. } => "fold",
        Inquiry::Cell(_) => "cell",
        Inquiry::Paths(_) => "paths",
        Inquiry::Radius(_) => "radius",
        Inquiry::Exposed(_) => "exposed",
        Inquiry::Past(..) => "past",
        Inquiry::Duties(_) => "duties",
        Inquiry::Draft(_) => "draft",
        Inquiry::Feed => "feed",
        Inquiry::Change(..) => "change",
    }
}
