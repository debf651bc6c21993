//! An auditor apart from the product: compares what a client was told with what the database holds.
//!
//! It asks nothing of the product and shares no code with it. The client's side is a file to which
//! every acknowledgement was written as it came; the other side is read with SQL. It is asked when
//! nothing is recorded any more and the last timers had time to fire.

mod books;
mod database;
mod history;
mod told;

pub use books::Books;
pub use history::{Folded, Promises, fold};
pub use told::Told;
