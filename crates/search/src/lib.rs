//! The search grammar: filter, order_by and page tokens as syntax trees; knows no SQL.
