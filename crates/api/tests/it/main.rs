//! What others rely on without asking this process.

mod openapi;
