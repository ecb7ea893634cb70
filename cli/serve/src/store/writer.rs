//! Stores the states of sessions, those that come at the same time in one transaction, as each costs the disk a wait.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use sqlx::AnyPool;
use tokio::sync::{mpsc, oneshot};

use super::{Key, Saved, Store, StoreError, now};

/// States that are stored in one transaction, at most.
const BATCH: usize = 64;

/// A state to be stored.
#[derive(Clone)]
pub struct Save {
    pub key: Key,
    /// The version that it follows, and when the session was made, as another may have its name now.
    pub version: i64,
    pub created: i64,
    pub state: Arc<Vec<u8>>,
}

struct Waiting {
    save: Save,
    reply: oneshot::Sender<Result<Saved, StoreError>>,
}

/// The way to the task that stores.
pub struct Writer {
    sender: mpsc::UnboundedSender<Waiting>,
    /// The other end, until the task has it.
    receiver: Mutex<Option<mpsc::UnboundedReceiver<Waiting>>>,
}

impl Default for Writer {
    fn default() -> Self {
        // Requests in progress are limited, and each has at most one.
        let (sender, receiver) = mpsc::unbounded_channel();
        Self { sender, receiver: Mutex::new(Some(receiver)) }
    }
}

impl Writer {
    pub async fn save(&self, save: Save) -> Result<Saved, StoreError> {
        let (reply, answer) = oneshot::channel();
        let gone = || StoreError::Away("the server is being stopped".into());
        self.sender.send(Waiting { save, reply }).map_err(|_| gone())?;
        answer.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// Starts the task that stores.
pub fn run(store: &Arc<Store>) {
    let receiver = store.writer.receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(receiver) = receiver {
        tokio::spawn(write(Arc::downgrade(store), receiver));
    }
}

async fn write(store: Weak<Store>, mut receiver: mpsc::UnboundedReceiver<Waiting>) {
    let mut batch = Vec::new();
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        let Some(store) = store.upgrade() else { return };
        // A request whose client has gone needs nothing stored.
        batch.retain(|waiting: &Waiting| !waiting.reply.is_closed());
        let saves: Vec<Save> = batch.iter().map(|waiting| waiting.save.clone()).collect();
        let outcomes = match store_all(&store, saves.clone()).await {
            Ok(saved) => saved.into_iter().map(Ok).collect(),
            Err(error) if saves.len() == 1 => vec![Err(error)],
            Err(_) => one_by_one(&store, saves).await,
        };
        for (waiting, outcome) in batch.drain(..).zip(outcomes) {
            // Its client may have gone meanwhile.
            let _ = waiting.reply.send(outcome);
        }
    }
}

/// After a failure: what fails by itself must not take the others along.
async fn one_by_one(store: &Store, saves: Vec<Save>) -> Vec<Result<Saved, StoreError>> {
    let mut outcomes = Vec::new();
    for save in saves {
        let outcome = store_all(store, vec![save]).await;
        outcomes.push(outcome.map(|saved| saved[0]));
    }
    outcomes
}

async fn store_all(store: &Store, saves: Vec<Save>) -> Result<Vec<Saved>, StoreError> {
    store.write(|pool| transaction(pool, saves)).await
}

async fn transaction(pool: AnyPool, saves: Vec<Save>) -> sqlx::Result<Vec<Saved>> {
    let update = "UPDATE sessions SET state = $1, bytes = $2, used = $3, version = version + 1 \
        WHERE owner = $4 AND name = $5 AND version = $6 AND created = $7 AND expired IS NULL";
    let mut transaction = pool.begin().await?;
    let mut saved = Vec::new();
    for save in saves {
        let bytes = i64::try_from(save.state.len()).unwrap_or(i64::MAX);
        let state = save.state.to_vec();
        let query = sqlx::query(update).bind(state).bind(bytes).bind(now());
        let query = query.bind(save.key.owner).bind(save.key.name).bind(save.version).bind(save.created);
        let done = query.execute(&mut *transaction).await?.rows_affected();
        saved.push(if done == 1 { Saved::Done } else { Saved::Overtaken });
    }
    transaction.commit().await?;
    Ok(saved)
}
