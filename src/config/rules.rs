//! Reads the team's rules file (OWN-01, OWN-02): TOML, unknown keys refused with a suggestion.
//!
//! ```
//! use kreach::config::rules::parse;
//!
//! let today = jiff::civil::date(2026, 11, 23);
//! let text = "[owners]\ngroups = [\"platform-security\"]";
//! let rules = parse("kreach.toml".as_ref(), text, today)?;
//! assert!(rules.declares_owners());
//! # Ok::<(), kreach::config::ConfigError>(())
//! ```

mod file;
mod waiver;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::rbac::Rules;
use crate::rbac::rules::Declared;

use super::{ConfigError, Paths, error};

/// Name of the file in the working directory and in the configuration directory.
pub const FILE_NAME: &str = "kreach.toml";

/// Loads the rules: from `explicit`, else from `kreach.toml` in `cwd`, else from the configuration
/// directory, else none at all. How far waivers may reach is counted from `today`, in UTC.
///
/// # Errors
///
/// If `explicit` does not exist, if a file cannot be read, or if it says something wrong.
pub fn load(
    explicit: Option<&Path>,
    cwd: &Path,
    dirs: &Paths,
    today: Date,
) -> Result<Rules, ConfigError> {
    locate(explicit, cwd, dirs).map_or_else(|| Ok(Rules::none()), |path| read(&path, today))
}

/// The rules file that [`load`] would read; an explicit one whether it exists or not.
#[must_use]
pub fn locate(explicit: Option<&Path>, cwd: &Path, dirs: &Paths) -> Option<PathBuf> {
    let default = || {
        [cwd, &dirs.config]
            .map(|directory| directory.join(FILE_NAME))
            .into_iter()
            // Only what is surely not there is passed over; the rest is read, and its error shown.
            .find(|path| path.try_exists().unwrap_or(true))
    };
    explicit.map(Path::to_owned).or_else(default)
}

fn read(path: &Path, today: Date) -> Result<Rules, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        what: "rules",
        path: path.to_owned(),
        source,
    })?;
    parse(path, &text, today)
}

/// Reads rules from `text`; `path` is for the errors, `today` in UTC for waivers.
///
/// # Errors
///
/// If the text is not TOML, has a key that kreach does not know, or declares what OWN-02 or
/// SOD-10 forbids.
pub fn parse(path: &Path, text: &str, today: Date) -> Result<Rules, ConfigError> {
    let file: file::File = toml::from_str(text).map_err(|e| error::of_toml(path, text, &e))?;
    let read = file.into_rules(today);
    let (mut rules, starts) = read.map_err(|problem| problem.in_file(path, text))?;
    let line = |start: usize| {
        let before = text.get(..start).unwrap_or(text);
        before.matches('\n').count() + 1
    };
    if !starts.is_empty() {
        let lines = starts.into_iter().map(|(of, start)| (of, line(start)));
        rules.declared = Declared {
            file: path.to_string_lossy().into_owned().into(),
            lines: lines.collect(),
        };
    }
    Ok(rules)
}

#[cfg(test)]
mod tests;
