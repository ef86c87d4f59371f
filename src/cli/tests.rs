use clap::Parser;

use super::*;

fn parsed(line: &str) -> Cli {
    Cli::try_parse_from(line.split_whitespace()).unwrap()
}

#[test]
fn the_definition_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn options_stand_before_or_after_the_command() {
    for line in [
        "kreach --demo can a b",
        "kreach can --demo a b",
        "kreach can a b --demo",
    ] {
        let cli = parsed(line);
        let Some(Command::Can(can)) = cli.command else {
            panic!("{line}")
        };
        let globals = cli.globals.merged(can.globals).unwrap();
        assert_eq!(globals.source(), Ok(SourceChoice::Demo), "{line}");
    }
}

#[test]
fn namespaces_are_split_at_commas() {
    let cli = parsed("kreach -n shop,data");
    assert_eq!(cli.globals.namespaces(), ["shop", "data"]);
}

#[test]
fn without_a_command_the_explorer_starts() {
    assert_eq!(parsed("kreach").command, None);
}

#[test]
fn a_threshold_counts_what_is_at_it_or_worse() {
    assert!(FailOn::NodePorts.reached_by(Level::Internet));
    assert!(FailOn::NodePorts.reached_by(Level::NodePorts));
    assert!(!FailOn::NodePorts.reached_by(Level::InternalLb));
    assert!(!FailOn::Cluster.reached_by(Level::Unknown));
    assert!(!FailOn::Never.reached_by(Level::Internet));
}

#[test]
fn installed_as_a_plugin_it_is_called_kubectl_kreach() {
    let mut command = Cli::command_for("/usr/bin/kubectl-kreach".as_ref());
    assert!(
        command
            .render_help()
            .to_string()
            .contains("Usage: kubectl kreach")
    );
}
