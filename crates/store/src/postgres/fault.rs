//! What a failed statement means for the one who ran it.

use std::error::Error;

use sqlx::postgres::PgDatabaseError;

use crate::StoreError;

/// Why an attempt failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// Another transaction was in the way. Asking again will do.
    Again,
    /// The connection is gone, and with it whatever was not committed.
    Broken(String),
    /// There was no answer in time. What was asked may have been done.
    Late,
    /// The batch was recorded before.
    Recorded,
    /// What the caller is told.
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(refused) = &error
            && let Some(refused) = refused.try_downcast_ref::<PgDatabaseError>()
        {
            return from_server(refused);
        }
        match error {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => {
                Self::Broken(error.to_string())
            }
            sqlx::Error::Encode(why) => Self::Store(StoreError::Poison(why.to_string())),
            sqlx::Error::ColumnDecode { index, source } => corrupt(&index, source.as_ref()),
            other => Self::Store(StoreError::Away(other.to_string())),
        }
    }
}

fn corrupt(column: &str, why: &(dyn Error + Send + Sync)) -> Fault {
    Fault::Store(StoreError::Corrupt {
        table: "a table",
        row: format!("column {column}"),
        why: why.to_string(),
    })
}

fn from_server(error: &PgDatabaseError) -> Fault {
    let said = format!("{} ({})", error.message(), error.code());
    match error.code() {
        "23505" if error.constraint() == Some("batches_pkey") => Fault::Recorded,
        // A duplicate, a serialization failure, a deadlock, what `RECORD` divides by zero for: someone
        // else was first.
        "23505" | "40001" | "40P01" | "22012" => Fault::Again,
        // Waited for a lock as long as is reasonable.
        "55P03" => Fault::Store(StoreError::Conflict),
        // The server shuts down, has crashed, or ended this session.
        "57P01" | "57P02" | "57P05" | "25P03" => Fault::Broken(said),
        code if code.starts_with("08") => Fault::Broken(said),
        // Data the columns cannot hold, a broken constraint, a key too long for an index.
        code if ["22", "23", "54"].iter().any(|class| code.starts_with(class)) => {
            Fault::Store(StoreError::Poison(said))
        }
        _ => Fault::Store(StoreError::Away(said)),
    }
}

impl Fault {
    /// Whether the connection it came from can be used again, after a rollback.
    pub(super) fn spares_the_connection(&self) -> bool {
        matches!(
            self,
            Self::Again
                | Self::Recorded
                | Self::Store(
                    StoreError::Conflict | StoreError::Poison(_) | StoreError::Corrupt { .. }
                )
        )
    }

    /// What the caller is told when there is no further attempt.
    pub(super) fn told(self) -> StoreError {
        match self {
            Self::Again | Self::Recorded => StoreError::Conflict,
            Self::Broken(why) => StoreError::Away(why),
            Self::Late => StoreError::Away("the database did not answer in time".to_owned()),
            Self::Store(error) => error,
        }
    }
}
