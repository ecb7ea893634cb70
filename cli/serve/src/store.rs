//! The database that keeps sessions: SQLite or PostgreSQL, by the same statements.
//!
//! It may go away at any time. Then every use is refused at once, until a probe finds that it is back.

mod connect;
mod writer;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::{AnyPool, Row};

use self::connect::{Identity, connect};
pub use self::connect::{OpenError, Place};
pub use self::writer::Save;
use self::writer::Writer;

/// How often a database that is away is looked for.
const PROBE: Duration = Duration::from_millis(250);
/// How long a use of the database may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it is known of a session that it has expired.
const MEMORY: Duration = Duration::from_secs(30 * 86_400);

/// Why something was not done.
#[derive(Clone, Debug, PartialEq)]
pub enum StoreError {
    /// The database cannot be reached, or not be used; why.
    Away(String),
    /// It has too much to do.
    Busy,
    /// It has no room.
    Full,
    /// It has what this program did not put there.
    Damaged,
}

/// What became of a session that was to be made.
#[derive(Debug, PartialEq)]
pub enum Created {
    Done,
    /// There is one of that name.
    Exists,
    /// The client has so many already as it may.
    TooMany,
}

/// What became of a state that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Saved {
    Done,
    /// The session was stored, deleted or has expired meanwhile.
    Overtaken,
}

/// A session as the database has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub lua: String,
    pub created: i64,
    pub used: i64,
    pub expired: Option<i64>,
    /// How often it was stored.
    pub version: i64,
    /// Bytes of its stored state.
    pub bytes: i64,
}

/// Which session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The name of the token, or nothing where there are none.
    pub owner: String,
    pub name: String,
}

/// The database.
pub struct Store {
    place: Place,
    link: Mutex<Link>,
    writer: Writer,
    /// Held while something is written: SQLite has one writer at a time, and lets the others try again and again.
    writing: tokio::sync::Mutex<()>,
    patience: Duration,
}

/// The way to the database.
enum Link {
    Open {
        pool: AnyPool,
        identity: Identity,
    },
    /// The pool may be of use again: it makes new connections.
    Away {
        pool: Option<(AnyPool, Identity)>,
        why: String,
    },
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The time that was so long ago.
fn before(now: i64, span: Duration) -> i64 {
    now.saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

impl Store {
    /// Opens the database, and makes it where there is none. One on another machine that cannot be reached now is looked for from then on.
    ///
    /// # Errors
    /// Whatever does not mend itself: a newer schema, a file that is no database, a folder that cannot be written.
    pub async fn open(place: Place) -> Result<Arc<Self>, OpenError> {
        let link = match connect(&place, true).await {
            Ok((pool, identity)) => Link::Open { pool, identity },
            Err(OpenError::Unreachable(why)) => {
                tracing::warn!(why, "the database is away; sessions are refused until it is back");
                Link::Away { pool: None, why }
            }
            Err(error) => return Err(error),
        };
        let store = Arc::new(Self {
            place,
            link: Mutex::new(link),
            writer: Writer::default(),
            writing: tokio::sync::Mutex::default(),
            patience: PATIENCE,
        });
        tokio::spawn(probe(Arc::downgrade(&store)));
        writer::run(&store);
        Ok(store)
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the database is there, as far as is known.
    ///
    /// # Errors
    /// [`StoreError::Away`].
    pub fn ready(&self) -> Result<(), StoreError> {
        self.pool().map(drop)
    }

    fn pool(&self) -> Result<AnyPool, StoreError> {
        let mut link = self.link();
        match &mut *link {
            Link::Away { why, .. } => Err(StoreError::Away(why.clone())),
            Link::Open { pool, identity } if self.place.is_still(identity) => Ok(pool.clone()),
            Link::Open { .. } => {
                let why = "the database's file was taken away, or is another one".to_string();
                tracing::error!(why, "the database is away");
                // Its connections still have the old file, which nobody would find again.
                *link = Link::Away { pool: None, why: why.clone() };
                Err(StoreError::Away(why))
            }
        }
    }

    /// Does something with the database.
    async fn with<T, F: Future<Output = sqlx::Result<T>>>(
        &self,
        work: impl FnOnce(AnyPool) -> F,
    ) -> Result<T, StoreError> {
        let pool = self.pool()?;
        let outcome = tokio::time::timeout(self.patience, work(pool)).await;
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(_) => Err(self.away("the database does not answer".into())),
        }
    }

    /// As [`with`](Self::with), for what writes.
    async fn write<T, F: Future<Output = sqlx::Result<T>>>(
        &self,
        work: impl FnOnce(AnyPool) -> F,
    ) -> Result<T, StoreError> {
        let turn = match self.place {
            Place::Sqlite { .. } => Some(self.writing.lock().await),
            Place::Postgres(_) => None,
        };
        let outcome = self.with(work).await;
        drop(turn);
        outcome
    }

    /// Notes what an error of the database means.
    fn failed(&self, error: &sqlx::Error) -> StoreError {
        if connect::is_full(error) {
            return StoreError::Full;
        }
        if matches!(self.place, Place::Sqlite { .. }) && connect::is_busy(error) {
            return StoreError::Busy;
        }
        let foreign = matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_));
        if foreign { StoreError::Damaged } else { self.away(connect::explain(error)) }
    }

    fn away(&self, why: String) -> StoreError {
        let mut link = self.link();
        let (pool, known) = match &mut *link {
            Link::Open { pool, identity } => (Some((pool.clone(), identity.clone())), false),
            Link::Away { pool, .. } => (pool.take(), true),
        };
        if !known {
            tracing::error!(why, "the database is away; sessions are refused until it is back");
        }
        *link = Link::Away { pool, why: why.clone() };
        StoreError::Away(why)
    }

    /// Makes a session, unless the client has as many as it may; 0 is no limit. One that was not used for so long is no obstacle, though
    /// nobody has let it expire yet.
    ///
    /// # Errors
    /// As all uses of the database.
    pub async fn create(
        &self,
        key: &Key,
        lua: &str,
        client: &str,
        most: u32,
        age: Duration,
    ) -> Result<Created, StoreError> {
        let now = now();
        self.write(|pool| async move {
            let mut transaction = pool.begin().await?;
            let insert = "INSERT INTO sessions (owner, name, lua, client, created, used, version, bytes) \
                VALUES ($1, $2, $3, $4, $5, $6, 0, 0) ON CONFLICT (owner, name) DO UPDATE SET lua = excluded.lua, \
                client = excluded.client, created = excluded.created, used = excluded.used, expired = NULL, \
                version = 0, bytes = 0, state = NULL WHERE sessions.expired IS NOT NULL OR sessions.used < $7";
            let insert = sqlx::query(insert).bind(&key.owner).bind(&key.name).bind(lua).bind(client);
            let made = insert.bind(now).bind(now).bind(before(now, age)).execute(&mut *transaction).await?.rows_affected();
            // It is counted once the transaction writes, so that others that do the same wait.
            let count = "SELECT count(*) FROM sessions WHERE client = $1 AND expired IS NULL";
            let count: i64 = sqlx::query_scalar(count).bind(client).fetch_one(&mut *transaction).await?;
            if made > 0 && most > 0 && count > i64::from(most) {
                transaction.rollback().await?;
                return Ok(Created::TooMany);
            }
            transaction.commit().await?;
            Ok(if made == 0 { Created::Exists } else { Created::Done })
        })
        .await
    }

    /// A session.
    ///
    /// # Errors
    /// As all uses of the database.
    pub async fn find(&self, key: &Key) -> Result<Option<Session>, StoreError> {
        let select =
            "SELECT lua, created, used, expired, version, bytes FROM sessions WHERE owner = $1 AND name = $2";
        self.with(|pool| async move {
            let row = sqlx::query(select).bind(&key.owner).bind(&key.name).fetch_optional(&pool).await?;
            row.map(|row| session(&row)).transpose()
        })
        .await
    }

    /// A session with its state, which it has once it was stored.
    ///
    /// # Errors
    /// As all uses of the database.
    pub async fn load(&self, key: &Key) -> Result<Option<(Session, Option<Vec<u8>>)>, StoreError> {
        let select = "SELECT lua, created, used, expired, version, bytes, state FROM sessions \
            WHERE owner = $1 AND name = $2";
        self.with(|pool| async move {
            let row = sqlx::query(select).bind(&key.owner).bind(&key.name).fetch_optional(&pool).await?;
            row.map(|row| Ok((session(&row)?, row.try_get("state")?))).transpose()
        })
        .await
    }

    /// Stores the next state of a session. It is on disk when this returns.
    ///
    /// # Errors
    /// As all uses of the database. After [`StoreError::Away`] it may be stored all the same.
    pub async fn save(&self, save: Save) -> Result<Saved, StoreError> {
        // Without a database nothing piles up.
        self.pool()?;
        self.writer.save(save).await
    }

    /// Deletes a session, and the memory of one that has expired; whether there was any.
    ///
    /// # Errors
    /// As all uses of the database.
    pub async fn delete(&self, key: &Key) -> Result<bool, StoreError> {
        let delete = "DELETE FROM sessions WHERE owner = $1 AND name = $2";
        self.write(|pool| async move {
            let done = sqlx::query(delete).bind(&key.owner).bind(&key.name).execute(&pool).await?;
            Ok(done.rows_affected() > 0)
        })
        .await
    }

    /// Lets sessions expire: those that were not used for so long, and those beyond the number, longest unused first. How many expired.
    ///
    /// # Errors
    /// As all uses of the database.
    pub async fn expire(&self, age: Duration, number: u32) -> Result<u64, StoreError> {
        let now = now();
        let (old, many) = (
            "UPDATE sessions SET expired = $1, state = NULL, bytes = 0 WHERE expired IS NULL AND used < $2",
            "UPDATE sessions SET expired = $1, state = NULL, bytes = 0 WHERE expired IS NULL AND (owner, name) IN \
            (SELECT owner, name FROM sessions WHERE expired IS NULL ORDER BY used DESC, owner, name \
            LIMIT 1000000 OFFSET $2)",
        );
        let forget = "DELETE FROM sessions WHERE expired < $1 OR (expired IS NOT NULL AND (owner, name) IN \
            (SELECT owner, name FROM sessions WHERE expired IS NOT NULL ORDER BY expired DESC, owner, name \
            LIMIT 1000000 OFFSET $2))";
        self.write(|pool| async move {
            let old = sqlx::query(old).bind(now).bind(before(now, age)).execute(&pool).await?;
            let many = sqlx::query(many).bind(now).bind(i64::from(number)).execute(&pool).await?;
            let memory = i64::from(number).saturating_mul(4);
            sqlx::query(forget).bind(before(now, MEMORY)).bind(memory).execute(&pool).await?;
            Ok(old.rows_affected() + many.rows_affected())
        })
        .await
    }

    /// How many sessions there are.
    ///
    /// # Errors
    /// As all uses of the database.
    pub async fn count(&self) -> Result<i64, StoreError> {
        let count = "SELECT count(*) FROM sessions WHERE expired IS NULL";
        self.with(|pool| async move { sqlx::query_scalar(count).fetch_one(&pool).await }).await
    }

    /// Closes the connections, after what is being stored.
    pub async fn close(&self) {
        let pool = match &*self.link() {
            Link::Open { pool, .. } => Some(pool.clone()),
            Link::Away { pool, .. } => pool.as_ref().map(|(pool, _)| pool.clone()),
        };
        if let Some(pool) = pool {
            let _ = tokio::time::timeout(self.patience, pool.close()).await;
        }
    }

    /// Looks whether the database is back.
    async fn look(&self) {
        let pool = match &mut *self.link() {
            Link::Open { .. } => return,
            Link::Away { pool, .. } => pool.take(),
        };
        if let Some((pool, identity)) = pool
            && self.place.is_still(&identity)
        {
            let ping = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM sessions WHERE owner = ''");
            if let Ok(Ok(_)) = tokio::time::timeout(self.patience, ping.fetch_one(&pool)).await {
                self.back(pool, identity);
            } else if let Link::Away { pool: kept, .. } = &mut *self.link() {
                *kept = Some((pool, identity));
            }
            return;
        }
        match connect(&self.place, false).await {
            Ok((pool, identity)) => self.back(pool, identity),
            Err(error) => {
                if let Link::Away { why, .. } = &mut *self.link() {
                    *why = error.to_string();
                }
            }
        }
    }

    fn back(&self, pool: AnyPool, identity: Identity) {
        tracing::info!("the database is back");
        *self.link() = Link::Open { pool, identity };
    }
}

fn session(row: &sqlx::any::AnyRow) -> sqlx::Result<Session> {
    Ok(Session {
        lua: row.try_get("lua")?,
        created: row.try_get("created")?,
        used: row.try_get("used")?,
        expired: row.try_get("expired")?,
        version: row.try_get("version")?,
        bytes: row.try_get("bytes")?,
    })
}

async fn probe(store: std::sync::Weak<Store>) {
    while let Some(store) = store.upgrade() {
        store.look().await;
        drop(store);
        tokio::time::sleep(PROBE).await;
    }
}
