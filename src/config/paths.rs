//! Where kreach keeps what belongs to the person: settings, and state such as logs.

use std::ffi::OsString;
use std::path::PathBuf;

/// The directories of one person. They need not exist.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paths {
    /// Settings and, as a last resort, rules.
    pub config: PathBuf,
    /// Logs and history.
    pub state: PathBuf,
}

impl Paths {
    /// The directories that the environment names: `KREACH_CONFIG_DIR` and `KREACH_STATE_DIR`,
    /// else XDG's, else the platform's. `None` if there is no home directory either.
    #[must_use]
    pub fn discover() -> Option<Self> {
        Self::from_environment(&|name| std::env::var_os(name))
    }

    /// The same from any environment. `~/.config` goes before the platform's directory where it
    /// exists, because that is where people of terminals look, on macOS too.
    #[must_use]
    pub fn from_environment(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let set = |name: &str| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        // The XDG specification wants relative paths ignored.
        let xdg = |name: &str| set(name).filter(|p| p.is_absolute()).map(|p| p.join(NAME));
        let dot_config = || {
            let directory = set("HOME")?.join(".config");
            directory.is_dir().then(|| directory.join(NAME))
        };
        let platform = directories::ProjectDirs::from("", "", NAME);
        let platform = platform.as_ref();
        let config = set("KREACH_CONFIG_DIR")
            .or_else(|| xdg("XDG_CONFIG_HOME"))
            .or_else(dot_config)
            .or_else(|| Some(platform?.config_dir().to_owned()))?;
        let state = set("KREACH_STATE_DIR")
            .or_else(|| xdg("XDG_STATE_HOME"))
            .or_else(|| {
                let dirs = platform?;
                Some(dirs.state_dir().unwrap_or(dirs.data_local_dir()).to_owned())
            })?;
        Some(Self { config, state })
    }
}

/// Name of the directories.
const NAME: &str = "kreach";

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(variables: &[(&str, &str)]) -> Paths {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        Paths::from_environment(&variable).unwrap()
    }

    #[test]
    fn kreach_variables_go_before_xdg() {
        let both = [
            ("KREACH_CONFIG_DIR", "mine"),
            ("XDG_CONFIG_HOME", "/xdg"),
            ("XDG_STATE_HOME", "/state"),
        ];
        assert_eq!(paths(&both).config, PathBuf::from("mine"));
        assert_eq!(paths(&both).state, PathBuf::from("/state/kreach"));
        assert_eq!(paths(&both[1..]).config, PathBuf::from("/xdg/kreach"));
    }

    #[test]
    fn a_relative_or_empty_xdg_directory_is_ignored() {
        let home = tempfile::tempdir().unwrap();
        let dot_config = home.path().join(".config");
        std::fs::create_dir(&dot_config).unwrap();
        let variables = [
            ("KREACH_CONFIG_DIR", ""),
            ("XDG_CONFIG_HOME", "relative"),
            ("XDG_STATE_HOME", "/state"),
            ("HOME", home.path().to_str().unwrap()),
        ];
        assert_eq!(paths(&variables).config, dot_config.join("kreach"));
    }
}
