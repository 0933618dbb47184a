//! `prop_oneof!` for strategies that draw many values in each case.

use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;
use std::fmt::Debug;
use std::sync::Arc;

/// Draws from one of several strategies, and shrinks to those before it. proptest's own union keeps a copy of the runner
/// for each of these from the start, which takes more time than all that is drawn.
#[derive(Debug)]
pub struct OneOf<T>(Arc<[(u32, BoxedStrategy<T>)]>);

impl<T> OneOf<T> {
    pub fn new<const N: usize>(weighted: [(u32, BoxedStrategy<T>); N]) -> Self {
        Self(Arc::new(weighted))
    }
}

impl<T: Debug> Strategy for OneOf<T> {
    type Tree = Drawn<T>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let all = self.0.iter().map(|(weight, _)| weight).sum::<u32>();
        let mut place = (0..all).new_tree(runner)?.current();
        let is_it = |(weight, _): &(u32, _)| match place.checked_sub(*weight) {
            Some(rest) => {
                place = rest;
                false
            }
            None => true,
        };
        let which = self.0.iter().position(is_it).expect("less than all weights");
        let tree = self.0[which].1.new_tree(runner)?;
        Ok(Drawn { strategies: Arc::clone(&self.0), before: which, tree, last: None })
    }
}

type Tree<T> = Box<dyn ValueTree<Value = T>>;

pub struct Drawn<T> {
    strategies: Arc<[(u32, BoxedStrategy<T>)]>,
    /// How many strategies are left to shrink to.
    before: usize,
    tree: Tree<T>,
    /// What was there before the last step, if that went to another strategy.
    last: Option<Tree<T>>,
}

impl<T: Debug> ValueTree for Drawn<T> {
    type Value = T;

    fn current(&self) -> T {
        self.tree.current()
    }

    fn simplify(&mut self) -> bool {
        self.last = None;
        if self.tree.simplify() {
            return true;
        }
        while let Some(before) = self.before.checked_sub(1) {
            self.before = before;
            if let Ok(tree) = self.strategies[before].1.new_tree(&mut TestRunner::deterministic()) {
                self.last = Some(std::mem::replace(&mut self.tree, tree));
                return true;
            }
        }
        false
    }

    fn complicate(&mut self) -> bool {
        match self.last.take() {
            Some(last) => {
                self.tree = last;
                true
            }
            None => self.tree.complicate(),
        }
    }
}

/// One of these strategies, with weights or without.
macro_rules! one_of {
    ($($weight:expr => $strategy:expr),+ $(,)?) => {
        $crate::one_of::OneOf::new([$(($weight, proptest::strategy::Strategy::boxed($strategy))),+])
    };
    ($($strategy:expr),+ $(,)?) => { $crate::one_of::one_of![$(1 => $strategy),+] };
}

pub(crate) use one_of;
