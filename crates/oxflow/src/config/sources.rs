//! Where a setting comes from: its flag, else its variable, else the file.

use std::fmt::Display;
use std::str::FromStr;

use super::file::SettingsFile;
use super::settings::{Setting, Support, setting};
use super::units::Switch;
use crate::env::Env;
use crate::failure::Failure;

/// Variables and the file; flags come with each question.
#[derive(Debug)]
pub struct Sources<'a> {
    /// The environment.
    pub env: &'a Env,
    /// The file of `--config`.
    pub file: &'a SettingsFile,
}

/// A value and the words for where it was found.
#[derive(Debug)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// As in `` `MLFLOW_PORT` ``.
    pub source: String,
}

impl Sources<'_> {
    /// The value of a setting from the strongest source that has one.
    pub fn value<T: FromStr<Err: Display>>(
        &self,
        flag: &'static str,
        given: Option<T>,
    ) -> Result<Option<T>, Failure> {
        Ok(self.found(flag, given)?.map(|found| found.value))
    }

    /// A setting that is on or off.
    pub fn switch(
        &self,
        flag: &'static str,
        is_given: bool,
        is_denied: bool,
    ) -> Result<Option<bool>, Failure> {
        let given = match (is_given, is_denied) {
            (false, false) => None,
            (is_on, _) => Some(Switch(is_on)),
        };
        Ok(self.value(flag, given)?.map(|Switch(is_on)| is_on))
    }

    /// The value of a setting and where it was found.
    pub fn found<T: FromStr<Err: Display>>(
        &self,
        flag: &'static str,
        given: Option<T>,
    ) -> Result<Option<Found<T>>, Failure> {
        let setting = known(flag);
        if let Some(value) = given {
            return Ok(Some(Found {
                value,
                source: format!("`--{flag}`"),
            }));
        }
        if let Some((name, text)) = setting
            .variable
            .and_then(|name| Some((name, self.env.get(name)?)))
        {
            return parse(text, format!("`{name}`")).map(Some);
        }
        match self.file.get(&setting.key())? {
            None => Ok(None),
            Some(text) => parse(&text, self.file.name(&setting.key())).map(Some),
        }
    }

    /// Ends with an error if a setting of a later release has a value. `is_harmless` tells values that ask
    /// for what this release does anyway.
    pub fn refuse(
        &self,
        flag: &'static str,
        given: Option<&String>,
        is_harmless: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        match self.found(flag, given.cloned())? {
            None => Ok(()),
            Some(found) if is_harmless(&found.value) => Ok(()),
            Some(found) => Err(refusal(flag, &found.source)),
        }
    }
}

/// The error for a setting that asks for something this release does not have.
pub fn refusal(flag: &'static str, source: &str) -> Failure {
    let what_to_do = match known(flag).support {
        Support::Refused(what_to_do) => what_to_do,
        Support::Works | Support::NoEffect => "remove it",
    };
    Failure::usage(format!("{source} is not available in this release: {what_to_do}"))
}

fn known(flag: &'static str) -> &'static Setting {
    setting(flag).expect("a test compares the table of settings with the flags")
}

fn parse<T: FromStr<Err: Display>>(text: &str, source: String) -> Result<Found<T>, Failure> {
    match text.parse() {
        Ok(value) => Ok(Found { value, source }),
        Err(error) => Err(Failure::usage(format!("{source} is `{text}`: {error}"))),
    }
}
