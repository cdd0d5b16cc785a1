//! Who may do what: access rules and decisions.
