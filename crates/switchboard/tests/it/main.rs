//! What the product promises across processes: the real executable on a free port, real clients,
//! a real disk, and both databases.
//!
//! A story that holds for every database is told once and run on each. What a story checks is put
//! to the proof by `plants`: each bug planted there must be found.

mod audit;
mod http;
mod load;
mod say;
mod world;

/// Gives each story one `#[test]` per database, so that a failure names both.
macro_rules! on_every_database {
    ($($story:ident)*) => {
        mod sqlite {
            $(#[test]
            fn $story() {
                super::$story(&crate::world::World::sqlite());
            })*
        }
        mod postgres {
            $(#[test]
            fn $story() {
                if let Some(world) = crate::world::World::postgres() {
                    super::$story(&world);
                }
            })*
        }
    };
}

mod access;
mod agents;
mod batches;
mod crash;
mod disk;
mod dispatch;
mod events;
mod faults;
mod figures;
mod full;
mod hands;
mod hostile;
mod ids;
mod keys;
mod lists;
mod live;
mod older;
mod operation;
mod outage;
mod plants;
mod queues;
mod races;
mod repeats;
mod rough;
mod simulate;
mod storm;
mod timers;
mod wire;
