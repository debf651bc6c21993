//! A few connections, lent out one at a time.
//!
//! Smaller than a general pool, because what it need not do costs a round trip per transaction:
//! nothing is asked of a connection when it is lent or given back. One that is not given back, for
//! whatever reason, is closed, and the server rolls back what was open on it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    ConnectOptions, Connection, PgConnection,
    postgres::{PgArguments, PgConnectOptions, PgRow},
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use super::fault::Fault;
use crate::StoreError;

/// How long a caller waits for a connection. Who asked is to hear of it within a second.
const LENT_WITHIN: Duration = Duration::from_millis(800);

/// How long one question may take, waiting for locks aside.
pub(super) const ANSWERED_WITHIN: Duration = Duration::from_millis(900);

pub(super) struct Connections {
    options: PgConnectOptions,
    idle: Mutex<Vec<PgConnection>>,
    places: Semaphore,
}

/// A connection on loan.
pub(super) struct Lent<'a> {
    pub(super) connection: PgConnection,
    _place: SemaphorePermit<'a>,
}

impl Connections {
    pub(super) fn new(options: PgConnectOptions, most: usize) -> Self {
        Self { options, idle: Mutex::default(), places: Semaphore::new(most) }
    }

    pub(super) async fn lend(&self) -> Result<Lent<'_>, Fault> {
        let lent = async {
            let closed = |_| Fault::from(StoreError::Away("the store is closed".to_owned()));
            let place = self.places.acquire().await.map_err(closed)?;
            let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            Ok(Lent { connection, _place: place })
        };
        timeout(LENT_WITHIN, lent).await.unwrap_or_else(|_| {
            Err(StoreError::Away("no connection to the database in time".to_owned()).into())
        })
    }

    /// A connection of one's own.
    pub(super) async fn connect(&self) -> Result<PgConnection, Fault> {
        // A server that refuses now is not asked again by the same batch.
        self.options.connect().await.map_err(|error| StoreError::Away(error.to_string()).into())
    }

    pub(super) fn take_back(&self, lent: Lent<'_>) {
        if !self.places.is_closed() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(lent.connection);
        }
    }

    /// Closes what is not on loan. One broken connection often means that all are.
    pub(super) fn forget_idle(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Asks one question. Reading is harmless, so one that a broken connection swallowed is asked
    /// once more.
    pub(super) async fn ask(
        &self,
        sql: &'static str,
        arguments: PgArguments,
    ) -> Result<Vec<PgRow>, StoreError> {
        match self.ask_once(sql, arguments.clone()).await {
            Err(Fault::Broken(_)) => self.ask_once(sql, arguments).await.map_err(Fault::told),
            answer => answer.map_err(Fault::told),
        }
    }

    async fn ask_once(
        &self,
        sql: &'static str,
        arguments: PgArguments,
    ) -> Result<Vec<PgRow>, Fault> {
        let mut lent = self.lend().await?;
        let answer = fetch(&mut lent.connection, sql, arguments, ANSWERED_WITHIN).await;
        match &answer {
            Ok(_) => self.take_back(lent),
            Err(fault) if fault.spares_the_connection() => self.take_back(lent),
            Err(_) => self.forget_idle(),
        }
        answer
    }

    /// Lends nothing any more, waits for what is on loan, and takes leave of the server.
    pub(super) async fn close(&self, most: usize) {
        let all = u32::try_from(most).unwrap_or(u32::MAX);
        // Who holds a connection for longer is a transaction that the server will end.
        let _ = timeout(2 * ANSWERED_WITHIN, self.places.acquire_many(all)).await;
        self.places.close();
        let idle = std::mem::take(&mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for connection in idle {
            // The process ends either way.
            let _ = connection.close().await;
        }
    }
}

/// Runs a prepared statement, which is one round trip.
pub(super) async fn fetch(
    connection: &mut PgConnection,
    sql: &'static str,
    arguments: PgArguments,
    within: Duration,
) -> Result<Vec<PgRow>, Fault> {
    let rows = sqlx::query_with(sql, arguments).fetch_all(connection);
    timeout(within, rows).await.map_err(|_| Fault::Late)?.map_err(Fault::from)
}

/// Runs a statement without arguments, as text: `begin`, `commit`, `rollback`.
pub(super) async fn say(
    connection: &mut PgConnection,
    sql: &'static str,
    within: Duration,
) -> Result<(), Fault> {
    let done = sqlx::raw_sql(sql).execute(connection);
    timeout(within, done).await.map_err(|_| Fault::Late)?.map_err(Fault::from)?;
    Ok(())
}

/// The arguments of a statement.
macro_rules! arguments {
    () => {
        sqlx::postgres::PgArguments::default()
    };
    ($($value:expr),+ $(,)?) => {{
        use sqlx::Arguments as _;
        let mut arguments = sqlx::postgres::PgArguments::default();
        $(arguments.add($value).expect("numbers, text and bytes can always be encoded");)+
        arguments
    }};
}
pub(super) use arguments;

/// The call with a number, as `c`: to be joined. It is looked up by its number, whatever the planner knows
/// of the tables: a plan that was made when there was next to nothing in them would go through all calls.
macro_rules! its_call {
    ($number:literal) => {
        concat!("lateral (select * from calls where no = ", $number, " offset 0) c")
    };
}
pub(super) use its_call;
