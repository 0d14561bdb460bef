//! Recursive descent over the grammar; the recursion ends at the dialect's depth.

use super::{
    AttributePath, Compare, Dialect, Filter, FilterError, FilterErrorKind, Path, Place,
    cursor::{Cursor, expected},
};

/// Reads one text.
pub(super) struct Parser<'a> {
    cursor: Cursor<'a>,
    dialect: Dialect,
    terms: usize,
    depth: usize,
    in_brackets: bool,
}

impl<'a> Parser<'a> {
    pub(super) const fn new(text: &'a str, dialect: &Dialect) -> Result<Self, FilterError> {
        let limit = dialect.limits.bytes;
        if text.len() > limit {
            return Err(FilterError { position: limit, kind: FilterErrorKind::TooLong(limit) });
        }
        Ok(Self { cursor: Cursor::new(text), dialect: *dialect, terms: 0, depth: 0, in_brackets: false })
    }

    pub(super) fn whole_filter(mut self) -> Result<Filter, FilterError> {
        let filter = self.either()?;
        self.end("`and`, `or` or the end")?;
        Ok(filter)
    }

    pub(super) fn whole_path(mut self) -> Result<Path, FilterError> {
        let mut attribute = self.cursor.attribute()?;
        let mut filter = None;
        if attribute.sub.is_none() && self.cursor.take('[') {
            filter = Some(self.value_filter()?);
            if self.cursor.take('.') {
                attribute.sub = Some(self.cursor.name()?);
            }
        }
        self.end("the end of the path")?;
        Ok(Path { attribute, filter })
    }

    fn end(&mut self, wanted: &'static str) -> Result<(), FilterError> {
        self.cursor.peek().map_or(Ok(()), |_| Err(expected(wanted, self.cursor.position())))
    }

    fn either(&mut self) -> Result<Filter, FilterError> {
        self.joined("or", Self::both, Filter::Or)
    }

    fn both(&mut self) -> Result<Filter, FilterError> {
        self.joined("and", Self::single, Filter::And)
    }

    fn joined(
        &mut self,
        word: &str,
        operand: fn(&mut Self) -> Result<Filter, FilterError>,
        join: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, FilterError> {
        let first = operand(self)?;
        if !self.cursor.take_word(word) {
            return Ok(first);
        }
        let mut list = vec![first, operand(self)?];
        while self.cursor.take_word(word) {
            list.push(operand(self)?);
        }
        Ok(join(list))
    }

    fn single(&mut self) -> Result<Filter, FilterError> {
        self.cursor.peek();
        if self.cursor.take('(') {
            return self.group();
        }
        if self.cursor.take_word("not") {
            self.cursor.peek();
            if !self.cursor.take('(') {
                return Err(expected("`(` after `not`", self.cursor.position()));
            }
            return Ok(Filter::Not(Box::new(self.group()?)));
        }
        let path = self.cursor.attribute()?;
        if self.cursor.take('[') { self.value_path(path) } else { self.comparison(path) }
    }

    /// What stands between parentheses, the first of which is taken.
    fn group(&mut self) -> Result<Filter, FilterError> {
        self.nested(')', "`)`")
    }

    fn nested(&mut self, close: char, wanted: &'static str) -> Result<Filter, FilterError> {
        let limit = self.dialect.limits.depth;
        if self.depth == limit {
            return Err(self.error(FilterErrorKind::TooDeep(limit)));
        }
        self.depth += 1;
        let filter = self.either()?;
        self.depth -= 1;
        self.cursor.peek();
        if self.cursor.take(close) { Ok(filter) } else { Err(expected(wanted, self.cursor.position())) }
    }

    /// What stands between brackets, the first of which is taken.
    fn value_filter(&mut self) -> Result<Filter, FilterError> {
        if self.in_brackets {
            return Err(self.error(FilterErrorKind::NestedValueFilter));
        }
        self.in_brackets = true;
        let filter = self.nested(']', "`]`")?;
        self.in_brackets = false;
        Ok(filter)
    }

    fn value_path(&mut self, path: AttributePath) -> Result<Filter, FilterError> {
        let filter = self.value_filter()?;
        if !(self.dialect.lenient && self.cursor.take('.')) {
            return Ok(Filter::ValuePath(path, Box::new(filter)));
        }
        let place = Place(self.cursor.position());
        let sub = AttributePath { schema: None, name: self.cursor.name()?, sub: None, place };
        let tail = self.comparison(sub)?;
        Ok(Filter::ValuePath(path, Box::new(Filter::And(vec![filter, tail]))))
    }

    fn comparison(&mut self, path: AttributePath) -> Result<Filter, FilterError> {
        let limit = self.dialect.limits.terms;
        if self.terms == limit {
            return Err(self.error(FilterErrorKind::TooManyTerms(limit)));
        }
        self.terms += 1;
        if self.cursor.take_word("pr") {
            return Ok(Filter::Present(path));
        }
        let Some((_, compare)) = Compare::ALL.into_iter().find(|(name, _)| self.cursor.take_word(name))
        else {
            return Err(expected("a comparison (eq ne co sw ew gt ge lt le pr)", self.cursor.position()));
        };
        let literal = self.cursor.literal(self.dialect.lenient)?;
        Ok(Filter::Compare(path, compare, literal))
    }

    const fn error(&self, kind: FilterErrorKind) -> FilterError {
        FilterError { position: self.cursor.position(), kind }
    }
}
