//! Dotenv files: `NAME=value` lines.

/// Reads a dotenv file: comments, `export NAME=value`, single and double quotes. `${OTHER}` is not expanded.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut variables = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = index + 1;
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else {
            return Err(format!("line {number}: expected `NAME=value`"));
        };
        let name = name.trim();
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
        if !is_name {
            return Err(format!("line {number}: expected `NAME=value`"));
        }
        let value = value_of(value.trim()).ok_or_else(|| format!("line {number}: a quote is not closed"))?;
        variables.push((name.to_owned(), value));
    }
    Ok(variables)
}

fn value_of(raw: &str) -> Option<String> {
    match raw.chars().next() {
        Some('\'') => raw[1..].split_once('\'').map(|(value, _)| value.to_owned()),
        Some('"') => double_quoted(&raw[1..]),
        // A comment begins at a `#` after white space.
        _ => Some(raw.split(" #").next().unwrap_or(raw).trim_end().to_owned()),
    }
}

fn double_quoted(raw: &str) -> Option<String> {
    let mut value = String::new();
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Some(value),
            '\\' => match chars.next()? {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_python_dotenv_reads_them() {
        let text = "# comment\n\nA=1\nexport B = two # why\nC='a # b'\nD=\"x\\n\\\"y\"\nE=\nF=a#b\n";
        let read = parse(text).unwrap();
        let expected = [
            ("A", "1"),
            ("B", "two"),
            ("C", "a # b"),
            ("D", "x\n\"y"),
            ("E", ""),
            ("F", "a#b"),
        ];
        let read: Vec<(&str, &str)> = read
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn mistakes_name_their_line() {
        assert_eq!(
            parse("A=1\nnonsense\n").unwrap_err(),
            "line 2: expected `NAME=value`"
        );
        assert_eq!(parse("A='x\n").unwrap_err(), "line 1: a quote is not closed");
        assert_eq!(parse("A=\"x\n").unwrap_err(), "line 1: a quote is not closed");
    }
}
