//! Says for sure that nobody stands at a place, without a look into the index.
//!
//! Nearly every id that is not known is that of a call that begins, and to look for it in vain reads a
//! page of the index that nobody else asks for. So a pattern of bits is kept for each place that is
//! taken: a Bloom filter whose patterns are one word wide. It learns the index region by region, each
//! when it is first asked about, so that nothing is read at the start.

use rusqlite::Connection;

/// For each call that it has room for.
const BITS: usize = 8;
/// 32 MiB: of more than 33,554,432 calls it lets more and more be looked for in vain.
const WORDS_MAX: usize = 1 << 22;
/// So many calls are in a region when the filter is made; a page of the index has about as many.
const REGION: usize = 128;

pub(super) struct Filter {
    words: Vec<u64>,
    /// Which regions it has learned. The first so many bits of a place are the number of its region.
    learned: Vec<bool>,
    region_bits: u32,
}

impl Filter {
    /// A filter that has learned nothing, with room for so many calls.
    pub(super) fn new(room: usize) -> Self {
        let words = (room * BITS / 64).next_power_of_two().min(WORDS_MAX);
        let region_bits = (room / REGION).max(2).ilog2();
        Self { words: vec![0; words], learned: vec![false; 1 << region_bits], region_bits }
    }

    /// Somebody stands there.
    pub(super) fn add(&mut self, place: i64) {
        let (word, pattern) = self.pattern(place);
        self.words[word] |= pattern;
    }

    /// Whether it is sure that nobody stands there.
    pub(super) fn lacks(&mut self, connection: &Connection, place: i64) -> rusqlite::Result<bool> {
        let region = bits(place) >> (64 - self.region_bits);
        if !self.learned[index(region)] {
            self.learn(connection, region)?;
        }
        let (word, pattern) = self.pattern(place);
        Ok(self.words[word] & pattern != pattern)
    }

    fn learn(&mut self, connection: &Connection, region: u64) -> rusqlite::Result<()> {
        let shift = 64 - self.region_bits;
        let first = region << shift;
        let last = first | ((1 << shift) - 1);
        let mut statement =
            connection.prepare_cached("select place from call_ids where place between ? and ?")?;
        let mut places = statement.query([place(first), place(last)])?;
        while let Some(row) = places.next()? {
            self.add(row.get(0)?);
        }
        self.learned[index(region)] = true;
        Ok(())
    }

    /// The word of a place, and the four bits in it.
    fn pattern(&self, place: i64) -> (usize, u64) {
        let bits = bits(place);
        let pattern = [22, 28, 34, 40].map(|from| 1 << (bits >> from & 63));
        (
            index(bits) & (self.words.len() - 1),
            pattern.into_iter().fold(0, |all, one: u64| all | one),
        )
    }
}

/// A place as bits that are in order as places are.
fn bits(place: i64) -> u64 {
    place.cast_unsigned() ^ 1 << 63
}

fn place(bits: u64) -> i64 {
    (bits ^ 1 << 63).cast_signed()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the high bits are cut off where they are too many"
)]
fn index(bits: u64) -> usize {
    bits as usize
}
