//! From arguments to an exit code.

use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use clap::FromArgMatches as _;
use clap_complete::Shell;
use jiff::Timestamp;

use super::asked::Asked;
use super::complain::Complaint;
use super::console;
use super::exit::Exit;
use super::explore::explore;
use super::{Cli, Command, config, diff, guard, snapshot};

/// Runs the program with these arguments, the program's own name first.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let program = args.first().cloned().unwrap_or_default();
    let cli = Cli::command_for(&program)
        .try_get_matches_from(args)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match cli {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and end with 0, mistakes with 2. If the reader
            // has gone away there is nobody left to tell.
            drop(error.print());
            return u8::try_from(error.exit_code()).map_or(Exit::BadInput.into(), ExitCode::from);
        }
    };
    match run(cli, &program, Timestamp::now()) {
        Ok(exit) => exit.into(),
        Err(complaint) => {
            console::error(&complaint);
            complaint.exit().into()
        }
    }
}

fn run(cli: Cli, program: &OsStr, now: Timestamp) -> Result<Exit, Complaint> {
    let before = cli.globals;
    let asked = |with| Asked::new(before.clone().merged(with)?, now);
    match cli.command {
        None => explore(&before, now),
        Some(Command::Config { action }) => config::run(action),
        Some(Command::Completions { shell }) => completions(program, shell),
        Some(Command::Man) => manual(),
        Some(Command::Can(with)) => asked(with.globals)?.can(&with.args),
        Some(Command::Connections(with)) => asked(with.globals)?.connections(&with.args),
        Some(Command::Matrix(with)) => asked(with.globals)?.matrix(&with.args),
        Some(Command::Paths(with)) => asked(with.globals)?.paths(&with.args),
        Some(Command::Exposed(with)) => asked(with.globals)?.exposed(&with.args),
        Some(Command::Policies(with)) => asked(with.globals)?.policies(&with.args),
        Some(Command::Duties(with)) => asked(with.globals)?.duties(with.args),
        Some(Command::WhoCan(with)) => {
            Asked::open(before.merged(with.globals)?, now)?.who_can(&with.args)
        }
        Some(Command::Check(with)) => {
            let globals = before.merged(with.globals)?;
            globals.one_stdin(with.args.assert.iter().map(|path| path.as_os_str()))?;
            Asked::new(globals, now)?.check(&with.args)
        }
        Some(Command::Diff(with)) => diff::run(&before.merged(with.globals)?, &with.args, now),
        Some(Command::Guard(with)) => guard::run(&before.merged(with.globals)?, &with.args, now),
        Some(Command::Snapshot(with)) => {
            snapshot::run(&before.merged(with.globals)?, &with.args, now)
        }
    }
}

fn completions(program: &OsStr, shell: Shell) -> Result<Exit, Complaint> {
    let mut script = Vec::new();
    let mut command = Cli::command_for(program);
    clap_complete::generate(shell, &mut command, "kreach", &mut script);
    console::bytes(&script)?;
    Ok(Exit::Yes)
}

fn manual() -> Result<Exit, Complaint> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command_for("kreach".as_ref()))
        .render(&mut page)
        .map_err(Complaint::Output)?;
    console::bytes(&page)?;
    Ok(Exit::Yes)
}
