use super::*;

fn named(namespace: Option<&str>, kind: Option<&str>, name: &str) -> EndForm {
    EndForm::Name {
        namespace: namespace.map(Text::from),
        kind: kind.map(Text::from),
        name: name.into(),
    }
}

#[test]
fn a_question_has_two_ends_and_a_port() {
    let query = query("shop/web -> data/StatefulSet/db:5432/TCP ?").unwrap();
    assert_eq!(query.source.form, named(Some("shop"), None, "web"));
    assert_eq!(
        query.destination.form,
        named(Some("data"), Some("StatefulSet"), "db")
    );
    let port = query.port.unwrap();
    assert_eq!(port.port, PortText::Range(5432, 5432));
    assert_eq!(port.protocol, Some(Protocol::Tcp));
}

#[test]
fn arrows_have_four_spellings_and_one_of_them_swaps() {
    for text in ["a -> b", "a>b", "a → b", "b <- a", "b<-a?"] {
        let query = query(text).unwrap();
        assert_eq!(query.source.form, named(None, None, "a"), "{text}");
        assert_eq!(query.destination.form, named(None, None, "b"), "{text}");
    }
}

#[test]
fn a_swapped_question_keeps_the_port_with_the_destination() {
    let query = query("db:5432 <- web").unwrap();
    assert_eq!(query.destination.form, named(None, None, "db"));
    assert_eq!(query.port.unwrap().port, PortText::Range(5432, 5432));
}

#[test]
fn can_01_addresses_are_told_from_names_and_ports() {
    let (end, port) = target("10.0.0.0/8:53/udp").unwrap();
    assert_eq!(end.form, EndForm::Block("10.0.0.0/8".parse().unwrap()));
    assert_eq!(port.unwrap().protocol(), Protocol::Udp);
    assert_eq!(
        target("fd00::1").unwrap(),
        (
            EndText {
                form: EndForm::Address("fd00::1".parse().unwrap()),
                span: Span { start: 0, end: 7 }
            },
            None
        )
    );
    let (end, port) = target("[fd00::/8]:443").unwrap();
    assert_eq!(end.form, EndForm::Block("fd00::/8".parse().unwrap()));
    assert_eq!(port.unwrap().port, PortText::Range(443, 443));
}

#[test]
fn can_02_the_world_has_two_names_in_any_case() {
    assert_eq!(endpoint("Internet").unwrap().form, EndForm::Internet);
    assert_eq!(endpoint(" WORLD ").unwrap().form, EndForm::Internet);
    assert_eq!(
        endpoint("shop/world").unwrap().form,
        named(Some("shop"), None, "world")
    );
}

#[test]
fn ports_may_be_ranges_names_and_all() {
    let port_of = |text: &str| target(text).unwrap().1.unwrap();
    assert_eq!(port_of("a:80-90").port, PortText::Range(80, 90));
    assert_eq!(port_of("a:http").port, PortText::Name("http".into()));
    assert_eq!(
        port_of("a:http-alt").port,
        PortText::Name("http-alt".into())
    );
    assert!(port_of("a:*").numbers().unwrap().is_all());
    assert_eq!(port_of("a:*/udp").numbers().unwrap().len(), 65535);
}

#[test]
fn errors_say_what_and_where() {
    let error = |text: &str| {
        let error = query(text).unwrap_err();
        let span = error.span;
        (
            error.to_string(),
            text.get(span.start..span.end).unwrap().to_owned(),
        )
    };
    assert_eq!(error("web").0, "expected -> and a destination");
    assert_eq!(
        error("").0,
        "expected an end such as shop/web, 10.0.0.1 or internet"
    );
    assert_eq!(error("web -> ").1, "");
    assert_eq!(error("web -> db:70000").1, "70000");
    assert_eq!(error("web -> db:0").1, "0");
    assert_eq!(error("web -> db:90-80").1, "90-80");
    assert_eq!(error("web -> db:80/icmp").1, "icmp");
    assert_eq!(error("web:80 -> db").1, "web");
    assert_eq!(error("a/b/c/d -> e").1, "a/b/c/d");
    assert_eq!(error("a//b -> e").1, "a//b");
    assert_eq!(error("a b -> e").1, "a b");
}

#[test]
fn host_01_typed_control_characters_are_escaped_in_messages() {
    let error = query("a -> b:\u{1b}[2J").unwrap_err();
    assert!(error.to_string().contains("\\u{1b}"), "{error}");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic_and_spans_stay_inside(text in "[a-z0-9/:.\\[\\]<>?* →é-]{0,24}") {
        if let Err(error) = query(&text) {
            proptest::prop_assert!(text.get(error.span.start..error.span.end).is_some());
        }
        let _ = endpoint(&text);
        let _ = target(&text);
    }
}
