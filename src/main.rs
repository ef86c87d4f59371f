//! The `kreach` binary: hands the arguments to the library and exits with its code.

use std::process::ExitCode;

fn main() -> ExitCode {
    // A report of a crash is nicer with it, and nothing depends on it.
    drop(color_eyre::install());
    kreach::cli::main(std::env::args_os())
}
