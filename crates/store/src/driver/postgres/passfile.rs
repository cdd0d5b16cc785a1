//! Passwords from libpq's password file.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tokio_postgres::Config;
use tokio_postgres::config::Host;
use tracing::warn;

/// The password for a database, from lines `host:port:database:user:password`, in which `*` stands for
/// anything and `\` protects a colon. The first line that fits counts.
pub(super) fn password(path: &Path, config: &Config) -> Option<String> {
    let text = match read(path) {
        Ok(text) => text,
        Err(reason) => {
            warn!("the password file `{}` is not used: {reason}", path.display());
            return None;
        }
    };
    let port = config.get_ports().first().copied().unwrap_or(5432).to_string();
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(name)) => name.clone(),
        _ => "localhost".to_owned(),
    };
    let wanted = [
        host.as_str(),
        &port,
        config.get_dbname().unwrap_or_default(),
        config.get_user().unwrap_or_default(),
    ];
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let fields = fields(line);
            let [given @ .., password] = fields.as_slice() else {
                return None;
            };
            let fits = given.len() == wanted.len()
                && given
                    .iter()
                    .zip(wanted)
                    .all(|(given, wanted)| given == "*" || given == wanted);
            fits.then(|| password.clone())
        })
}

/// As libpq, only a file that nobody else may read.
fn read(path: &Path) -> Result<String, String> {
    let metadata = path.metadata().map_err(|error| error.to_string())?;
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err("others may read it; `chmod 600` keeps them out".to_owned());
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field) = (Vec::new(), String::new());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' if fields.len() < 4 => fields.push(std::mem::take(&mut field)),
            '\\' => field.extend(characters.next()),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DatabaseUri;

    #[test]
    fn the_first_line_that_fits_counts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pgpass");
        std::fs::write(
            &path,
            "# ours\nother:*:*:*:wrong\ndb:5433:*:ada:p\\:w\\\\x\n*:*:*:*:late\n",
        )
        .unwrap();
        let of = |text: &str| {
            let DatabaseUri::Postgres(uri) = DatabaseUri::parse(text, &|_| None).unwrap() else {
                unreachable!()
            };
            password(&path, &uri.config)
        };
        assert_eq!(of("postgresql://ada@db:5433/ml"), None, "others may read it");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(of("postgresql://ada@db:5433/ml").as_deref(), Some("p:w\\x"));
        assert_eq!(of("postgresql://eve@db:5433/ml").as_deref(), Some("late"));
    }
}
