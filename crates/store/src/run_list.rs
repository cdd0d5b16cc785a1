//! Many run ids in little memory.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Ids of runs in an order: 16 bytes each, unless one of them is not what servers make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunIdList(Ids);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Ids {
    /// Each is 32 lower-case hexadecimal digits.
    Hex(Vec<u128>),
    /// Whatever else a client once chose.
    Text(Vec<Box<str>>),
}

impl Default for RunIdList {
    fn default() -> Self {
        Self(Ids::Hex(Vec::new()))
    }
}

impl RunIdList {
    /// Appends an id.
    pub(crate) fn push(&mut self, id: &str) {
        match (&mut self.0, number(id)) {
            (Ids::Hex(numbers), Some(number)) => numbers.push(number),
            (Ids::Text(texts), _) => texts.push(id.into()),
            (Ids::Hex(numbers), None) => {
                let mut texts: Vec<Box<str>> = numbers.iter().map(|id| text(*id).into()).collect();
                texts.push(id.into());
                self.0 = Ids::Text(texts);
            }
        }
    }

    /// How many ids.
    pub fn len(&self) -> usize {
        match &self.0 {
            Ids::Hex(numbers) => numbers.len(),
            Ids::Text(texts) => texts.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Memory that it takes, about.
    pub fn size_bytes(&self) -> usize {
        match &self.0 {
            Ids::Hex(numbers) => numbers.len() * size_of::<u128>(),
            Ids::Text(texts) => texts.iter().map(|id| id.len() + size_of::<Box<str>>()).sum(),
        }
    }

    /// The ids from an offset on, at most so many.
    pub fn window(&self, offset: usize, limit: usize) -> Vec<String> {
        let from = offset.min(self.len());
        let to = from.saturating_add(limit).min(self.len());
        match &self.0 {
            Ids::Hex(numbers) => numbers[from..to].iter().map(|id| text(*id)).collect(),
            Ids::Text(texts) => texts[from..to].iter().map(|id| id.to_string()).collect(),
        }
    }

    /// Each id, in the order of the list.
    pub(crate) fn iter(&self) -> impl Iterator<Item = ListedId<'_>> {
        (0..self.len()).map(|place| match &self.0 {
            Ids::Hex(numbers) => ListedId::Hex(numbers[place]),
            Ids::Text(texts) => ListedId::new(&texts[place]),
        })
    }

    /// Where each id stands.
    pub(crate) fn places(&self) -> RunPlaces {
        let number_of = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        match &self.0 {
            Ids::Hex(numbers) => {
                let mut places: Vec<(u128, u32)> = numbers
                    .iter()
                    .enumerate()
                    .map(|(i, id)| (*id, number_of(i)))
                    .collect();
                places.sort_unstable();
                RunPlaces::Hex {
                    places,
                    last: Cell::new(0),
                }
            }
            Ids::Text(texts) => {
                let places = texts.iter().enumerate().map(|(i, id)| (id.clone(), number_of(i)));
                RunPlaces::Text(places.collect())
            }
        }
    }

    /// Compares two ids as texts.
    pub(crate) fn compare(&self, a: usize, b: usize) -> Ordering {
        match &self.0 {
            Ids::Hex(numbers) => numbers[a].cmp(&numbers[b]),
            Ids::Text(texts) => texts[a].cmp(&texts[b]),
        }
    }

    /// The same ids in another order.
    pub(crate) fn in_order(&self, order: &[u32]) -> Self {
        let place = |i: &u32| *i as usize;
        Self(match &self.0 {
            Ids::Hex(numbers) => Ids::Hex(order.iter().map(|i| numbers[place(i)]).collect()),
            Ids::Text(texts) => Ids::Text(order.iter().map(|i| texts[place(i)].clone()).collect()),
        })
    }
}

/// An id of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListedId<'i> {
    /// 32 lower-case hexadecimal digits.
    Hex(u128),
    /// Any other.
    Text(&'i str),
}

impl<'i> ListedId<'i> {
    pub(crate) fn new(id: &'i str) -> Self {
        number(id).map_or(Self::Text(id), Self::Hex)
    }
}

/// Where the ids of a list stand.
///
/// Indexes deliver ids in order, so the next one that is asked for mostly stands right behind the last one.
#[derive(Debug)]
pub(crate) enum RunPlaces {
    Hex {
        /// In the order of the ids.
        places: Vec<(u128, u32)>,
        /// Where the last id was found.
        last: Cell<usize>,
    },
    Text(HashMap<Box<str>, u32>),
}

impl RunPlaces {
    /// The place of an id, if it is in the list.
    pub(crate) fn get(&self, id: &str) -> Option<usize> {
        let place = match self {
            Self::Hex { places, last } => {
                let id = number(id)?;
                let mut near = last.get()..(last.get() + 2).min(places.len());
                let found = near
                    .find(|i| places[*i].0 == id)
                    .or_else(|| places.binary_search_by_key(&id, |(id, _)| *id).ok())?;
                last.set(found);
                places[found].1
            }
            Self::Text(places) => *places.get(id)?,
        };
        Some(place as usize)
    }
}

/// The number that 32 lower-case hexadecimal digits are.
fn number(id: &str) -> Option<u128> {
    let digits: &[u8; 32] = id.as_bytes().try_into().ok()?;
    let mut number = 0;
    for digit in digits {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(value);
    }
    Some(number)
}

fn text(id: u128) -> String {
    format!("{id:032x}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(ids: &[String]) -> RunIdList {
        let mut list = RunIdList::default();
        ids.iter().for_each(|id| list.push(id));
        list
    }

    proptest! {
        #[test]
        fn ids_come_back_as_they_were_and_compare_as_texts(
            ids in prop::collection::vec("[0-9a-f]{32}|[0-9A-F]{32}|[a-z0-9_-]{1,40}", 0..20),
        ) {
            let list = list(&ids);
            prop_assert_eq!(&list.window(0, ids.len()), &ids);
            let places = list.places();
            for id in &ids {
                let place = places.get(id).unwrap();
                prop_assert_eq!(&ids[place], id);
            }
            prop_assert_eq!(places.get("no id at all"), None);
            for a in 0..ids.len() {
                for b in 0..ids.len() {
                    prop_assert_eq!(list.compare(a, b), ids[a].cmp(&ids[b]));
                }
            }
        }
    }

    #[test]
    fn windows_end_where_the_list_ends() {
        let list = list(&["0".repeat(32), "1".repeat(32)]);
        assert_eq!(list.window(1, 10), ["1".repeat(32)]);
        assert!(list.window(2, 10).is_empty());
        assert!(list.window(usize::MAX, usize::MAX).is_empty());
        assert_eq!(list.size_bytes(), 32);
    }
}
