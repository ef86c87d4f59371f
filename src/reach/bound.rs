//! What is not known, as bounds: each answer is computed as if the missing parts allowed as little,
//! and as if they allowed as much as they could.

/// How to take what the semantics decide where the truth is not known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Reading {
    /// By their rules: partial blocks do not contain pods of unknown address (IPB-05), domains match
    /// nothing (AP-08), nodes that could not be read have no address (AP-07).
    Default,
    /// Each of those might be otherwise.
    Strict,
}

impl Reading {
    /// The bound that allows the least.
    pub(crate) const fn lower(self) -> Bound {
        match self {
            Self::Default => Bound::Certain,
            Self::Strict => Bound::StrictCertain,
        }
    }

    /// The bound that allows the most.
    pub(crate) const fn upper(self) -> Bound {
        match self {
            Self::Default => Bound::Possible,
            Self::Strict => Bound::Strict,
        }
    }
}

/// How to treat what is not known. Where the two bounds of a reading differ, the truth cannot be
/// said. Rules that deny make the strict bounds wider on both sides.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Bound {
    /// What could not be read allows as little as it could.
    Certain,
    /// What could not be read allows as much as it could.
    Possible,
    /// As [`Bound::Certain`] in the strict reading.
    StrictCertain,
    /// As [`Bound::Possible`] in the strict reading.
    Strict,
}

impl Bound {
    pub(crate) const fn reading(self) -> Reading {
        match self {
            Self::Certain | Self::Possible => Reading::Default,
            Self::StrictCertain | Self::Strict => Reading::Strict,
        }
    }

    /// Whether this is the bound that allows the most.
    pub(crate) const fn is_upper(self) -> bool {
        match self {
            Self::Certain | Self::StrictCertain => false,
            Self::Possible | Self::Strict => true,
        }
    }

    /// Position in the tables, which are about the default reading.
    pub(crate) const fn slot(self) -> usize {
        match self {
            Self::Certain | Self::StrictCertain => 0,
            Self::Possible | Self::Strict => 1,
        }
    }
}

/// Whether something matches, as far as that is known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Match {
    No,
    Maybe,
    Yes,
}

impl Match {
    /// Whether a rule that can only allow counts as matching.
    pub(crate) const fn counts(self, bound: Bound) -> bool {
        match self {
            Self::No => false,
            Self::Maybe => bound.is_upper(),
            Self::Yes => true,
        }
    }
}
