//! What the engine makes of many events, with a real store under it.

mod agents;
mod batches;
mod desk;
mod figures;
mod late;
