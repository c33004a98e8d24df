//! Invisible and direction-changing characters: with them two different names can look the same.

use unicode_segmentation::UnicodeSegmentation;

/// True for marks that change the direction of text: embeddings, overrides, isolates and their ends, and direction marks.
pub(super) const fn changes_direction(letter: char) -> bool {
    matches!(letter, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// True for invisible characters: Unicode's *default ignorable* ones, and blank letters and signs.
pub(super) const fn is_invisible(letter: char) -> bool {
    changes_direction(letter)
        || matches!(
            letter,
            '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200D}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}'
        )
}

pub(super) fn is_visible(text: &str) -> bool {
    text.chars().any(|letter| !letter.is_whitespace() && !is_invisible(letter))
}

pub(super) fn without_invisible(text: &str) -> String {
    text.chars().filter(|letter| !is_invisible(*letter)).collect()
}

/// True where the only invisible characters are parts of emoji (joiners, variation selectors, the tags of a flag) or of the spelling
/// (joiners between Arabic and Indic letters).
pub(super) fn is_plain(name: &str) -> bool {
    name.graphemes(true).all(|grapheme| {
        let mut letters = grapheme.chars();
        let Some(first) = letters.next() else { return true };
        if is_invisible(first) {
            return false;
        }
        let joins = |letter: char| matches!(letter, '\u{200C}' | '\u{200D}');
        let fits = |letter: char| match letter {
            _ if !is_invisible(letter) => true,
            _ if changes_direction(letter) => false,
            '\u{200D}' | '\u{FE0E}' | '\u{FE0F}' | '\u{E0020}'..='\u{E007F}' => {
                is_pictorial(first) || (joins(letter) && takes_joiners(first))
            }
            _ => joins(letter) && takes_joiners(first),
        };
        letters.all(fits)
    })
}

/// True for signs that emoji begin with; `#`, `*` and digits begin keycaps.
const fn is_pictorial(letter: char) -> bool {
    matches!(letter, '#' | '*' | '0'..='9' | '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2100}'..='\u{2BFF}'
        | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

/// True for letters of scripts that are spelled with joiners: Arabic, Syriac, N'Ko, the Indic scripts, Myanmar, Khmer, Mongolian.
const fn takes_joiners(letter: char) -> bool {
    matches!(letter, '\u{600}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{18AF}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_invisible_characters_are_not_plain() {
        for bad in [
            "Ann\u{200B}",
            "\u{200B}",
            "\u{3164}",
            "evil\u{202E}gnp.exe",
            "a\u{2066}b",
            "a\u{200D}b",
            "a\u{FE0F}",
            "li\u{AD}sa",
            "lisa\u{200E}",
            "lisa\u{2800}",
            "l\u{34F}isa",
            "\u{FEFF}lisa",
            "lisa\u{E0041}",
            "a\u{180E}",
            "🎉\u{200B}",
        ] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }

    #[test]
    fn emoji_and_scripts_with_joiners_are_plain() {
        for good in
            ["Ann", "👩‍🚀", "❤️ team", "1️⃣ first", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "می‌خواهم", "क्‍ष", "Zoë", "שלום", "日本語", "👨‍👩‍👧‍👦", "", "a b", "™️"]
        {
            assert!(is_plain(good), "{good:?}");
        }
    }

    #[test]
    fn texts_without_visible_characters_are_recognised() {
        assert!(!is_visible(" \u{200B}\u{3164}\n") && is_visible(" a") && is_visible("❤\u{FE0F}"));
        assert_eq!(without_invisible("A\u{200B}nn\u{FE0F}"), "Ann");
    }
}
