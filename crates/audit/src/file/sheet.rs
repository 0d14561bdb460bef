//! Pages of text: how wide words are, where lines break, and what is drawn.

use std::fmt::Write as _;

use krilla::{
    Document,
    color::luma,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    text::{Font, TextDirection},
};
use ttf_parser::Face;

use super::FormatError;

/// A4, landscape, in points.
pub(super) const WIDTH: f32 = 841.89;
pub(super) const HEIGHT: f32 = 595.28;

// DejaVu: free to be embedded and passed on (fonts/LICENSE), and with letters of more scripts than most.
const REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSansCondensed-Bold.ttf");

/// How the number of a letter begins that a face has not.
pub(super) const NUMBERED: &str = "\\u{";

/// A face that is measured and drawn by.
pub(super) struct Type {
    font: Font,
    face: Face<'static>,
}

/// Both faces.
pub(super) struct Types {
    pub(super) regular: Type,
    pub(super) bold: Type,
}

impl Types {
    pub(super) fn load() -> Result<Self, FormatError> {
        Ok(Self { regular: Type::load(REGULAR)?, bold: Type::load(BOLD)? })
    }
}

impl Type {
    fn load(bytes: &'static [u8]) -> Result<Self, FormatError> {
        let fault = |what: &str| FormatError::Pages(format!("the font: {what}"));
        let font = Font::new(bytes.into(), 0).ok_or_else(|| fault("it cannot be read"))?;
        let face = Face::parse(bytes, 0).map_err(|error| fault(&error.to_string()))?;
        Ok(Self { font, face })
    }

    /// How wide a text is at this size.
    pub(super) fn width(&self, text: &str, size: f32) -> f32 {
        let advance = |letter| {
            let glyph = self.face.glyph_index(letter)?;
            self.face.glyph_hor_advance(glyph)
        };
        let units: u32 = text.chars().filter_map(advance).map(u32::from).sum();
        to_f32(units) * size / f32::from(self.face.units_per_em())
    }

    /// The text with every letter that the face has; of others the number is shown, and no line is begun by what it says.
    pub(super) fn drawable(&self, text: &str) -> String {
        // A text that itself has what looks like a number shall not be read as one.
        let is_false = |letter| letter == '\\' && text.contains(NUMBERED);
        text.chars().fold(String::with_capacity(text.len()), |mut shown, letter| {
            if letter.is_control() || letter.is_whitespace() {
                shown.push(' ');
            } else if self.face.glyph_index(letter).is_some() && !is_invisible(letter) && !is_false(letter) {
                shown.push(letter);
            } else {
                // Writing to a String cannot fail.
                let _written = write!(shown, "{NUMBERED}{:x}}}", u32::from(letter));
            }
            shown
        })
    }

    /// Breaks a text into lines, after words where that goes.
    pub(super) fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = vec![String::new()];
        for word in self.drawable(text).split(' ').filter(|word| !word.is_empty()) {
            self.add_word(&mut lines, word, size, width);
        }
        lines
    }

    fn add_word(&self, lines: &mut Vec<String>, word: &str, size: f32, width: f32) {
        let line = lines.last().cloned().unwrap_or_default();
        let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if self.width(&joined, size) <= width {
            lines.pop();
            lines.push(joined);
            return;
        }
        let mut part = String::new();
        if line.is_empty() {
            lines.pop();
        }
        // A word that is wider than a line is broken anywhere.
        for letter in word.chars() {
            part.push(letter);
            if self.width(&part, size) > width && part.chars().nth(1).is_some() {
                part.pop();
                lines.push(std::mem::replace(&mut part, letter.to_string()));
            }
        }
        lines.push(part);
    }
}

/// Letters that turn the direction or are not seen: they could make a line look like another one.
fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Letters of the scripts that are written from right to left, as far as faces for documents have them.
fn is_turned(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
}

/// The runs of a line, each with whether it is written from right to left. A blank between two such words belongs to them.
fn runs(text: &str) -> Vec<(bool, String)> {
    let letters: Vec<char> = text.chars().collect();
    let near = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|letter| is_turned(*letter));
    let mut runs: Vec<(bool, String)> = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let between = *letter == ' ' && near(at.checked_sub(1)) && near(at.checked_add(1));
        let turned = is_turned(*letter) || between;
        match runs.last_mut() {
            Some((was, run)) if *was == turned => run.push(*letter),
            _ => runs.push((turned, letter.to_string())),
        }
    }
    runs
}

/// Exact for all that is drawn here.
fn to_f32(units: u32) -> f32 {
    let [high, low] = [units >> 16, units & 0xffff].map(|half| u16::try_from(half).unwrap_or(u16::MAX));
    f32::from(high) * 65536.0 + f32::from(low)
}

/// What is drawn on a page, in the order of drawing.
pub(super) struct Sheet<'a, 'b>(&'a mut Surface<'b>);

impl Sheet<'_, '_> {
    /// A line of text whose foot is at `y`. It goes from left to right; what is written the other way stands turned within
    /// it, and turns nothing beside it.
    pub(super) fn text(&mut self, face: &Type, size: f32, (x, y): (f32, f32), text: &str) {
        self.0.set_fill(Some(gray(0)));
        let mut x = x;
        for (is_turned, run) in runs(text) {
            let direction = if is_turned { TextDirection::RightToLeft } else { TextDirection::LeftToRight };
            self.0.draw_text(Point::from_xy(x, y), face.font.clone(), size, &run, false, direction);
            x += face.width(&run, size);
        }
    }

    /// A filled rectangle; its shade is from 0, black, to 255.
    pub(super) fn block(&mut self, (x, y): (f32, f32), (width, height): (f32, f32), shade: u8) {
        let Some(rect) = Rect::from_xywh(x, y, width, height) else { return };
        let mut path = PathBuilder::new();
        path.push_rect(rect);
        if let Some(path) = path.finish() {
            self.0.set_fill(Some(gray(shade)));
            self.0.draw_path(&path);
        }
    }
}

fn gray(lightness: u8) -> Fill {
    Fill { paint: luma::Color::new(lightness).into(), ..Fill::default() }
}

/// A document of so many pages, each drawn by its number.
pub(super) fn document(
    title: &str,
    pages: usize,
    mut draw: impl FnMut(usize, &mut Sheet<'_, '_>),
) -> Result<Vec<u8>, FormatError> {
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new().title(title.to_owned()).creator("Elder".to_owned()).language("en".to_owned()),
    );
    for number in 0..pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT)
            .ok_or_else(|| FormatError::Pages("a page has no size".to_owned()))?;
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        draw(number, &mut Sheet(&mut surface));
        surface.finish();
        page.finish();
    }
    document.finish().map_err(|error| FormatError::Pages(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_after_words_and_within_one_that_is_too_wide() {
        let face = Types::load().unwrap().regular;
        let text = "one two three four five usr_01h455vb4pex5vsknk084sn02q_and_more";
        let lines = face.lines(text, 7.0, 60.0);
        assert!(lines.len() > 2 && lines.iter().all(|line| face.width(line, 7.0) <= 60.0), "{lines:?}");
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(lines[0], "one two three four");
    }

    #[test]
    fn a_name_that_is_written_from_right_to_left_turns_nothing_beside_it() {
        let name = "\u{646}\u{648}\u{631} \u{627}\u{644}\u{62f}\u{64a}\u{646}";
        let line = format!("name: {name}; is_active: true");
        let found = runs(&line);
        let expected = [(false, "name: "), (true, name), (false, "; is_active: true")];
        assert_eq!(found, expected.map(|(turned, run)| (turned, run.to_owned())));
        assert!(runs("").is_empty());
    }

    #[test]
    fn what_the_face_has_not_and_what_turns_a_line_round_is_shown_by_number() {
        let face = Types::load().unwrap().regular;
        assert_eq!(face.drawable("Жé\u{4e2d}\u{202e}\n"), "Жé\\u{4e2d}\\u{202e} ");
        // Nobody's name reads like one of other letters.
        assert_eq!(face.drawable("\\u{4e2d}"), "\\u{5c}u{4e2d}");
        assert_eq!(face.drawable("ACME\\ada"), "ACME\\ada");
    }
}
