//! The words of the wire: how they are written, how they are read, and what is refused.

mod asked;
mod decoding;
mod metadata;
mod older;
mod properties;
mod samples;
mod spans;
mod story;
