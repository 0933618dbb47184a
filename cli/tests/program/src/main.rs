//! A program that reports its use; its sources are what a location may name.

mod train;
mod usage;

fn main() {
    train::train();
}
