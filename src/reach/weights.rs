//! How many pods sets of classes have, found a word at a time.

use super::bits::{Window, Words};
use super::class::{ClassIdx, Classes};

const BITS: usize = 64;

/// The pods of every class, written digit by digit: a plane says which classes of a word have a one
/// there, the lowest digit first.
#[derive(Clone, Debug, Default)]
pub(super) struct Weights {
    /// By word of classes, so many planes each.
    planes: Vec<u64>,
    digits: usize,
}

impl Weights {
    pub(super) fn of(classes: &Classes) -> Self {
        let most = classes
            .members
            .iter()
            .map(|members| members.len())
            .max()
            .unwrap_or(0);
        let digits = (usize::BITS - most.leading_zeros()) as usize;
        let mut weights = Self {
            planes: vec![0; classes.len().div_ceil(BITS) * digits],
            digits,
        };
        for (class, members) in classes.members.iter().enumerate() {
            weights.write(class, members.len());
        }
        weights
    }

    /// Brings up to date how many pods some classes have.
    pub(super) fn renew(&mut self, classes: &Classes, changed: impl Iterator<Item = ClassIdx>) {
        for class in changed {
            let pods = classes.members(class).len();
            if pods >> self.digits > 0 {
                *self = Self::of(classes);
                return;
            }
            self.write(class.at(), pods);
        }
    }

    fn write(&mut self, class: usize, pods: usize) {
        for digit in 0..self.digits {
            if let Some(plane) = self.planes.get_mut(class / BITS * self.digits + digit) {
                let place = 1 << (class % BITS);
                *plane &= !place;
                if pods >> digit & 1 == 1 {
                    *plane |= place;
                }
            }
        }
    }

    /// The pods of the classes of a set that is seen through a window.
    pub(super) fn pods(&self, window: Window<'_>, set: &Words) -> u64 {
        let words = window.placed(set);
        words.map(|(at, word)| self.pods_of_word(at, word)).sum()
    }

    fn pods_of_word(&self, at: u32, word: u64) -> u64 {
        let first = at as usize * self.digits;
        let planes = self.planes.get(first..first + self.digits);
        let planes = (0u32..).zip(planes.unwrap_or_default());
        let pods = |(digit, plane): (u32, &u64)| u64::from((word & plane).count_ones()) << digit;
        planes.map(pods).sum()
    }
}
