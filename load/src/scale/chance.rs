//! Chance that comes out the same in each run, and texts made of it: words of a made-up language, some common, most rare.

const WORDS: u64 = 20_000;
const SYLLABLES: [&str; 16] =
    ["ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vi", "zu", "an", "el", "or", "ist", "und", "ka"];

#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub fn id(&mut self) -> i64 {
        i64::try_from(self.next() >> 1).unwrap_or_default()
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn is(&mut self, times: u64) -> bool {
        self.below(1_000) < times
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = self.below(u64::try_from(all.len()).unwrap_or(1));
        all.get(usize::try_from(at).unwrap_or_default())
    }

    pub fn text(&mut self) -> String {
        let mut text = String::new();
        for number in 0..3 + self.below(18) {
            if number > 0 {
                text.push(' ');
            }
            let number = self.rank();
            word(number, &mut text);
        }
        text
    }

    /// The number of a word: the first is in every eleventh place, the ten-thousandth in hardly any.
    fn rank(&mut self) -> u64 {
        let end = self.below(WORDS) + 1;
        let end = self.below(end) + 1;
        self.below(end)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
}

/// Appends the word with this number, small numbers for the common ones.
pub fn word(number: u64, to: &mut String) {
    let mut rest = number + 16;
    while rest > 0 {
        let syllable = usize::try_from(rest % 16).unwrap_or_default();
        to.push_str(SYLLABLES.get(syllable).copied().unwrap_or_default());
        rest /= 16;
    }
}

pub fn named(number: u64) -> String {
    let mut text = String::new();
    word(number, &mut text);
    text
}
