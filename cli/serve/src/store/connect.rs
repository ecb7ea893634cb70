//! Where the database is, how it is opened, and what its errors mean.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::any::AnyPoolOptions;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AnyConnection, AnyPool, Connection, SqlSafeStr};

/// How long a use of the database waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(3);
/// Bytes of a page of SQLite.
const PAGE: u64 = 4096;

/// The schema, step by step. A step that was published is never changed.
const SQLITE: &[(i64, &str, &str)] =
    &[(1, "sessions", include_str!("../../migrations/sqlite/1_sessions.sql"))];
const POSTGRES: &[(i64, &str, &str)] =
    &[(1, "sessions", include_str!("../../migrations/postgres/1_sessions.sql"))];

/// Where a database is.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A file, which may have so many bytes.
    Sqlite { file: PathBuf, limit: Option<u64> },
    /// The address of a server.
    Postgres(String),
}

/// By which the file of a database is known again.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity(Option<(u64, u64)>);

/// Why a database cannot be opened.
#[derive(Debug, PartialEq)]
pub enum OpenError {
    /// It may be there later.
    Unreachable(String),
    /// Its schema is of a newer program.
    Newer { found: i64, known: i64 },
    /// It will not mend itself.
    Unusable(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) | Self::Unusable(why) => f.write_str(why),
            Self::Newer { found, known } => write!(
                f,
                "the database has schema {found}, and this program knows {known} at most; take a newer program, or another database"
            ),
        }
    }
}

impl std::error::Error for OpenError {}

impl Place {
    /// The place that `--database` names.
    pub fn new(name: &str, limit: Option<u64>) -> Self {
        if name.starts_with("postgres://") || name.starts_with("postgresql://") {
            return Self::Postgres(name.into());
        }
        let file = name.strip_prefix("sqlite://").or_else(|| name.strip_prefix("sqlite:")).unwrap_or(name);
        Self::Sqlite { file: file.into(), limit }
    }

    /// Whether the database there is still the one that was opened.
    pub fn is_still(&self, identity: &Identity) -> bool {
        match self {
            Self::Sqlite { file, .. } => identity.0.is_none() || self::identity(file) == *identity,
            Self::Postgres(_) => true,
        }
    }
}

#[cfg(unix)]
fn identity(file: &Path) -> Identity {
    use std::os::unix::fs::MetadataExt;

    Identity(std::fs::metadata(file).ok().map(|file| (file.dev(), file.ino())))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Identity {
    Identity(None)
}

/// The address by which sqlx opens a file.
fn address(file: &Path, create: bool) -> Result<String, OpenError> {
    let text = file.to_str().ok_or_else(|| OpenError::Unusable(format!("{file:?} is no name in UTF-8")))?;
    let mut address = String::from("sqlite://");
    for byte in text.bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => address.push(byte.into()),
            byte if byte.is_ascii_alphanumeric() => address.push(byte.into()),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address.push_str(if create { "?mode=rwc" } else { "?mode=rw" });
    Ok(address)
}

/// What is set in each connection.
fn settings(place: &Place) -> Vec<String> {
    let Place::Sqlite { limit, .. } = place else { return Vec::new() };
    let mut settings: Vec<String> =
        // FULL: what was acknowledged outlives a loss of power, too.
        ["journal_mode = WAL", "synchronous = FULL", "busy_timeout = 4000", "journal_size_limit = 67108864"]
            .map(|setting| format!("PRAGMA {setting}"))
            .into();
    if let Some(limit) = limit {
        settings.push(format!("PRAGMA max_page_count = {}", limit.div_ceil(PAGE)));
    }
    settings
}

async fn apply(connection: &mut AnyConnection, settings: &[String]) -> sqlx::Result<()> {
    for setting in settings {
        sqlx::query(sqlx::AssertSqlSafe(setting.clone())).execute(&mut *connection).await?;
    }
    Ok(())
}

/// Opens a database with the schema of now. Only where it may be made is a missing one made.
pub async fn connect(place: &Place, create: bool) -> Result<(AnyPool, Identity), OpenError> {
    sqlx::any::install_default_drivers();
    let (address, steps) = match place {
        Place::Sqlite { file, .. } => {
            prepare(file, create)?;
            (address(file, create)?, SQLITE)
        }
        Place::Postgres(address) => {
            refuse_tls(address)?;
            (address.clone(), POSTGRES)
        }
    };
    // A pool would try again until its time is up, and then not say why.
    let settings = settings(place);
    let first = async {
        let mut connection = AnyConnection::connect(&address).await?;
        apply(&mut connection, &settings).await?;
        connection.close().await
    };
    first.await.map_err(|error| unopened(place, &error))?;
    let pool = AnyPoolOptions::new().max_connections(8).acquire_timeout(ACQUIRE).after_connect(
        move |connection, _| {
            let settings = settings.clone();
            Box::pin(async move { apply(connection, &settings).await })
        },
    );
    let pool = pool.connect(&address).await.map_err(|error| unopened(place, &error))?;
    let identity = match place {
        Place::Sqlite { file, .. } => identity(file),
        Place::Postgres(_) => Identity(None),
    };
    migrate(place, &pool, steps).await?;
    Ok((pool, identity))
}

/// Refuses an address that asks for TLS, which this program does not have: it must not go on without.
fn refuse_tls(address: &str) -> Result<(), OpenError> {
    let asked = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let is_mode = matches!(name, "sslmode" | "ssl-mode");
        is_mode && !matches!(&*value.to_ascii_lowercase(), "disable" | "allow" | "prefer")
    };
    let parameters = address.split_once('?').map_or("", |(_, parameters)| parameters);
    let variable = std::env::var("PGSSLMODE").ok().filter(|_| !parameters.contains("ssl"));
    let mode = parameters.split('&').find(|parameter| asked(parameter)).map(str::to_string);
    let mode = mode.or_else(|| variable.map(|mode| format!("sslmode={mode}")).filter(|mode| asked(mode)));
    let Some(mode) = mode else { return Ok(()) };
    Err(OpenError::Unusable(format!(
        "{mode} asks for TLS, which this program does not have; write sslmode=disable where the database is on this machine or in a \
         trusted network, or lead the connection through a tunnel such as stunnel or ssh -L and name its end"
    )))
}

/// Sees to it that a file can be there.
fn prepare(file: &Path, create: bool) -> Result<(), OpenError> {
    let unusable = |why: String| OpenError::Unusable(format!("the database {}: {why}", file.display()));
    if file.is_dir() {
        return Err(unusable("is a folder; name a file".into()));
    }
    if !create && !file.exists() {
        return Err(OpenError::Unreachable(format!("the database {} is not there", file.display())));
    }
    match file.parent() {
        Some(folder) if create && !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|error| unusable(format!("its folder cannot be made: {error}"))),
        _ => Ok(()),
    }
}

/// Brings the schema to the one of now.
async fn migrate(
    place: &Place,
    pool: &AnyPool,
    steps: &'static [(i64, &str, &str)],
) -> Result<(), OpenError> {
    let migration = |&(version, name, sql): &(i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    let known = steps.iter().map(|step| step.0).max().unwrap_or_default();
    let migrator = Migrator::with_migrations(steps.iter().map(migration).collect());
    match migrator.run(pool).await {
        Ok(()) => Ok(()),
        Err(MigrateError::VersionMissing(found)) => Err(OpenError::Newer { found, known }),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(unopened(place, &error))
        }
        Err(error) => {
            Err(OpenError::Unusable(format!("the database's schema is not one of this program: {error}")))
        }
    }
}

/// What an error while opening means.
fn unopened(place: &Place, error: &sqlx::Error) -> OpenError {
    let what = match place {
        Place::Sqlite { file, .. } => file.display().to_string(),
        // The address has the password.
        Place::Postgres(_) => "of PostgreSQL".into(),
    };
    let why = format!("the database {what} cannot be opened: {}", explain(error));
    let code = code(error);
    let passing = match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Protocol(_) => true,
        // Starting up, shutting down, too many connections, connection lost; SQLite: locked.
        _ => ["57P", "08", "53"].iter().any(|class| code.starts_with(class)) || code == "5",
    };
    if passing { OpenError::Unreachable(why) } else { OpenError::Unusable(why) }
}

/// The database's own code of an error.
fn code(error: &sqlx::Error) -> String {
    let code = error.as_database_error().and_then(|error| error.code());
    code.map(|code| code.into_owned()).unwrap_or_default()
}

/// Whether the error is that there is no room: `SQLITE_FULL`, `disk_full`.
pub fn is_full(error: &sqlx::Error) -> bool {
    matches!(code(error).as_str(), "13" | "53100")
}

/// Whether the error is that others of SQLite's users are at work, in their many forms, or that all connections are.
pub fn is_busy(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::PoolTimedOut)
        || matches!(code(error).as_str(), "5" | "6" | "261" | "262" | "517")
}

/// An error in words.
pub fn explain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::PoolTimedOut => "no connection could be made in time".into(),
        sqlx::Error::Database(error) => error.message().into(),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart() {
        let sqlite = |file: &str| Place::Sqlite { file: file.into(), limit: None };
        assert_eq!(Place::new("a/b.db", None), sqlite("a/b.db"));
        assert_eq!(Place::new("sqlite:a.db", None), sqlite("a.db"));
        assert_eq!(Place::new("sqlite:///a.db", None), sqlite("/a.db"));
        assert_eq!(Place::new("postgres://h/n", None), Place::Postgres("postgres://h/n".into()));
    }

    #[test]
    fn tls_is_refused_and_not_left_out() {
        for mode in ["require", "verify-ca", "verify-full", "REQUIRE"] {
            let address = format!("postgres://u@h/n?application_name=x&sslmode={mode}");
            let Err(OpenError::Unusable(why)) = refuse_tls(&address) else { panic!("{address} is refused") };
            assert!(why.contains(mode) && why.contains("sslmode=disable"), "{why}");
        }
        for address in
            ["postgres://u@h/n", "postgres://u@h/n?sslmode=disable", "postgres://u@h/n?sslmode=prefer"]
        {
            assert_eq!(refuse_tls(address), Ok(()), "{address}");
        }
    }

    #[test]
    fn names_of_files_may_have_any_letters() {
        assert_eq!(address(Path::new("/a b/ü?.db"), false).unwrap(), "sqlite:///a%20b/%C3%BC%3F.db?mode=rw");
    }
}
