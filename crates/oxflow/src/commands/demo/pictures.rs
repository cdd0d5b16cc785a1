//! Pictures as PNG: small ones, drawn pixel by pixel.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::random::Random;

/// A colour: red, green, blue.
pub type Colour = [u8; 3];

pub const WHITE: Colour = [255, 255, 255];
pub const INK: Colour = [38, 44, 54];
pub const GRID: Colour = [226, 229, 234];
/// Colours that are told apart by most.
pub const SERIES: [Colour; 4] = [[31, 119, 180], [214, 96, 20], [44, 140, 60], [128, 80, 170]];

/// A picture in memory.
#[derive(Debug, Clone)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    pub fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self {
            width,
            height,
            pixels: colour.repeat(width * height),
        }
    }

    /// Sets a pixel; one outside of the picture is left out.
    pub fn set(&mut self, x: i64, y: i64, colour: Colour) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x < self.width && y < self.height {
            let at = (y * self.width + x) * 3;
            self.pixels[at..at + 3].copy_from_slice(&colour);
        }
    }

    pub fn fill(&mut self, x: i64, y: i64, width: i64, height: i64, colour: Colour) {
        for row in y..y + height {
            for column in x..x + width {
                self.set(column, row, colour);
            }
        }
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
        for step in 0..=steps as i64 {
            let part = step as f64 / steps;
            let x = (from.0 + (to.0 - from.0) * part).round() as i64;
            let y = (from.1 + (to.1 - from.1) * part).round() as i64;
            self.set(x, y, colour);
            self.set(x, y + 1, colour);
        }
    }

    /// Writes capital letters, digits and `.%-/` in dots of this size; anything else is a space.
    pub fn write(&mut self, x: i64, y: i64, dot: i64, text: &str, colour: Colour) {
        for (i, c) in text.to_ascii_uppercase().bytes().enumerate() {
            let rows = glyph(c);
            for (row, bits) in rows.iter().enumerate() {
                for column in 0..3 {
                    if bits & (4 >> column) != 0 {
                        let left = x + (i as i64 * 4 + column) * dot;
                        self.fill(left, y + row as i64 * dot, dot, dot, colour);
                    }
                }
            }
        }
    }

    /// The file.
    pub fn png(&self) -> Vec<u8> {
        let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
        for row in self.pixels.chunks(self.width * 3) {
            // No filter. Writing to memory does not fail.
            let _ = rows.write_all(&[0]).and_then(|()| rows.write_all(row));
        }
        let mut header = Vec::new();
        header.extend((self.width as u32).to_be_bytes());
        header.extend((self.height as u32).to_be_bytes());
        // Eight bits of red, green and blue, nothing unusual.
        header.extend([8, 2, 0, 0, 0]);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [
            (b"IHDR", header),
            (b"IDAT", rows.finish().unwrap_or_default()),
            (b"IEND", Vec::new()),
        ] {
            file.extend((data.len() as u32).to_be_bytes());
            let mut sum = flate2::Crc::new();
            sum.update(kind);
            sum.update(&data);
            file.extend(kind);
            file.extend(data);
            file.extend(sum.sum().to_be_bytes());
        }
        file
    }
}

/// A matrix of counts, darker where there are more, with the names of its classes.
pub fn confusion_matrix(classes: &[&str], counts: &[Vec<u32>]) -> Picture {
    const CELL: i64 = 44;
    const EDGE: i64 = 70;
    let side = classes.len() as i64 * CELL;
    let mut picture = Picture::new((side + EDGE + 12) as usize, (side + EDGE + 12) as usize, WHITE);
    for (row, counts) in counts.iter().enumerate() {
        let total: u32 = counts.iter().sum::<u32>().max(1);
        picture.write(6, EDGE + row as i64 * CELL + 17, 2, &short(classes[row]), INK);
        picture.write(
            EDGE + row as i64 * CELL + 6,
            EDGE - 20,
            2,
            &short(classes[row]).chars().take(4).collect::<String>(),
            INK,
        );
        for (column, count) in counts.iter().enumerate() {
            let share = f64::from(*count) / f64::from(total);
            let (x, y) = (EDGE + column as i64 * CELL, EDGE + row as i64 * CELL);
            picture.fill(
                x,
                y,
                CELL - 1,
                CELL - 1,
                between([239, 243, 250], [20, 66, 130], share),
            );
            let text = count.to_string();
            let left = x + (CELL - 8 * text.len() as i64) / 2;
            picture.write(left, y + 17, 2, &text, if share > 0.5 { WHITE } else { INK });
        }
    }
    picture.write(EDGE, 8, 2, "PREDICTED", [110, 118, 130]);
    picture
}

fn short(name: &str) -> String {
    name.chars().take(7).collect()
}

/// Lines over a grid; each as long as the picture is wide.
pub fn lines(title: &str, curves: &[(&str, Vec<f64>)]) -> Picture {
    const W: usize = 640;
    const H: usize = 360;
    const LEFT: f64 = 48.0;
    const TOP: f64 = 36.0;
    let (right, bottom) = (W as f64 - 16.0, H as f64 - 28.0);
    let values = || {
        curves
            .iter()
            .flat_map(|(_, values)| values)
            .copied()
            .filter(|value| value.is_finite())
    };
    let (low, high) = (
        values().fold(f64::MAX, f64::min),
        values().fold(f64::MIN, f64::max),
    );
    let height = (high - low).max(1e-9);
    let mut picture = Picture::new(W, H, WHITE);
    for part in 0..=4 {
        let y = bottom - (bottom - TOP) * f64::from(part) / 4.0;
        picture.fill(LEFT as i64, y as i64, (right - LEFT) as i64, 1, GRID);
        let label = format!("{:.2}", low + height * f64::from(part) / 4.0);
        picture.write(8, y as i64 - 5, 2, &label, [110, 118, 130]);
    }
    picture.write(LEFT as i64, 10, 2, title, INK);
    for (i, (name, values)) in curves.iter().enumerate() {
        let colour = SERIES[i % SERIES.len()];
        picture.write(300 + i as i64 * 110, 10, 2, name, colour);
        let place = |at: usize| {
            let x = LEFT + (right - LEFT) * at as f64 / (values.len() - 1).max(1) as f64;
            (x, bottom - (bottom - TOP) * (values[at] - low) / height)
        };
        for at in 1..values.len() {
            if values[at - 1].is_finite() && values[at].is_finite() {
                picture.line(place(at - 1), place(at), colour);
            }
        }
    }
    picture
}

/// Bars, the longest first.
pub fn bars(title: &str, bars: &[(String, f64)]) -> Picture {
    let height = 44 + bars.len() * 24;
    let mut picture = Picture::new(560, height, WHITE);
    picture.write(12, 12, 2, title, INK);
    let most = bars.iter().map(|(_, value)| *value).fold(1e-9, f64::max);
    for (i, (name, value)) in bars.iter().enumerate() {
        let y = 40 + i as i64 * 24;
        picture.write(12, y + 4, 2, name, INK);
        picture.fill(220, y, (value / most * 260.0) as i64, 18, SERIES[0]);
        picture.write(
            230 + (value / most * 260.0) as i64,
            y + 4,
            2,
            &format!("{value:.3}"),
            INK,
        );
    }
    picture
}

/// A grid of shapes out of noise: the further the training, the clearer.
pub fn samples(done: f64, random: &mut Random) -> Picture {
    const TILE: i64 = 48;
    const TILES: i64 = 5;
    let mut picture = Picture::new((TILE * TILES) as usize, (TILE * TILES) as usize, WHITE);
    let blur = 1.0 - done.clamp(0.0, 1.0);
    for tile in 0..TILES * TILES {
        let (left, top) = (tile % TILES * TILE, tile / TILES * TILE);
        let (shape, hue) = (tile % 3, SERIES[(tile % 4) as usize]);
        let size = random.between(11.0, 19.0);
        for y in 0..TILE {
            for x in 0..TILE {
                let (dx, dy) = (x as f64 - 23.5, y as f64 - 23.5);
                let distance = match shape {
                    0 => dx.hypot(dy),
                    1 => dx.abs().max(dy.abs()),
                    _ => (dx.abs() * 1.2 + dy * 0.7).max(-dy * 1.1),
                };
                let edge = 1.0 + blur * 14.0;
                let inside = ((size - distance) / edge + 0.5).clamp(0.0, 1.0);
                let noise = blur * 0.35 * random.normal();
                let share = (inside * (0.35 + 0.65 * done) + noise).clamp(0.0, 1.0);
                picture.set(left + x, top + y, between([236, 238, 242], hue, share));
            }
        }
    }
    picture
}

/// A street with boxes around what was found.
pub fn boxes(done: f64, random: &mut Random) -> Picture {
    let mut picture = Picture::new(320, 200, [178, 203, 226]);
    picture.fill(0, 120, 320, 80, [96, 101, 108]);
    picture.fill(0, 156, 320, 4, [222, 214, 150]);
    for car in 0..4 {
        let (x, y) = (14 + car * 78 + random.whole(-6, 6), 128 + random.whole(0, 40));
        let colour = SERIES[car as usize % SERIES.len()];
        picture.fill(x, y, 46, 16, colour);
        picture.fill(x + 9, y - 9, 26, 9, colour);
        picture.fill(x + 6, y + 14, 8, 6, INK);
        picture.fill(x + 32, y + 14, 8, 6, INK);
        if random.chance(0.25 + 0.75 * done) {
            let off = ((1.0 - done) * 12.0 * random.normal()) as i64;
            frame(&mut picture, x - 3 + off, y - 12 + off / 2, 52, 35, [255, 64, 64]);
            let sure = (0.3 + 0.65 * done + 0.04 * random.normal()).clamp(0.05, 0.99);
            picture.write(x - 2 + off, y - 20 + off / 2, 1, &format!("CAR {sure:.2}"), INK);
        }
    }
    picture
}

fn frame(picture: &mut Picture, x: i64, y: i64, width: i64, height: i64, colour: Colour) {
    picture.fill(x, y, width, 2, colour);
    picture.fill(x, y + height - 2, width, 2, colour);
    picture.fill(x, y, 2, height, colour);
    picture.fill(x + width - 2, y, 2, height, colour);
}

fn between(from: Colour, to: Colour, share: f64) -> Colour {
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
    [mix(from[0], to[0]), mix(from[1], to[1]), mix(from[2], to[2])]
}

/// Five rows of three dots.
#[rustfmt::skip]
fn glyph(c: u8) -> [u8; 5] {
    match c {
        b'0' => [7, 5, 5, 5, 7], b'1' => [2, 6, 2, 2, 7], b'2' => [7, 1, 7, 4, 7], b'3' => [7, 1, 3, 1, 7],
        b'4' => [5, 5, 7, 1, 1], b'5' => [7, 4, 7, 1, 7], b'6' => [7, 4, 7, 5, 7], b'7' => [7, 1, 2, 2, 2],
        b'8' => [7, 5, 7, 5, 7], b'9' => [7, 5, 7, 1, 7], b'A' => [2, 5, 7, 5, 5], b'B' => [6, 5, 6, 5, 6],
        b'C' => [3, 4, 4, 4, 3], b'D' => [6, 5, 5, 5, 6], b'E' => [7, 4, 6, 4, 7], b'F' => [7, 4, 6, 4, 4],
        b'G' => [3, 4, 5, 5, 3], b'H' => [5, 5, 7, 5, 5], b'I' => [7, 2, 2, 2, 7], b'J' => [1, 1, 1, 5, 2],
        b'K' => [5, 5, 6, 5, 5], b'L' => [4, 4, 4, 4, 7], b'M' => [5, 7, 7, 5, 5], b'N' => [6, 5, 5, 5, 5],
        b'O' => [2, 5, 5, 5, 2], b'P' => [6, 5, 6, 4, 4], b'Q' => [2, 5, 5, 6, 3], b'R' => [6, 5, 6, 5, 5],
        b'S' => [3, 4, 2, 1, 6], b'T' => [7, 2, 2, 2, 2], b'U' => [5, 5, 5, 5, 7], b'V' => [5, 5, 5, 5, 2],
        b'W' => [5, 5, 7, 7, 5], b'X' => [5, 5, 2, 5, 5], b'Y' => [5, 5, 2, 2, 2], b'Z' => [7, 1, 2, 4, 7],
        b'.' => [0, 0, 0, 0, 2], b'-' => [0, 0, 7, 0, 0], b'%' => [5, 1, 2, 4, 5], b'/' => [1, 1, 2, 4, 4],
        b'_' => [0, 0, 0, 0, 7],
        _ => [0; 5],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_a_png_of_its_size() {
        let png = samples(0.5, &mut Random::new(1)).png();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\xf0\0\0\0\xf0\x08\x02"));
        assert!(png.ends_with(b"IEND\xae\x42\x60\x82"));
        assert!(png.len() > 10_000, "{}", png.len());
    }
}
