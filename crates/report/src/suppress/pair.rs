//! The cells of a table of two attributes that are hidden.
//!
//! The graph: a vertex a row, a vertex a column, an edge a hidden cell with records. All values that the table of one
//! attribute hides are one row, or one column; none of its cells is shown. A cell is *large* if it has k units for sure,
//! else *small*.
//!
//! A group is given by a set S of vertices: the edges between S and the others, if all of them are from a row in S to a
//! column outside. A group with a large cell is of k units; so is one with all cells of a row or column, whose sum is
//! published. To look for other groups, let a small cell be an arc from its row to its column, and a large one an arc
//! either way: then S is a union of strongly connected components that no arc enters. A row or column without a shown
//! cell is *whole*. In each connected part of the graph these conditions leave no other group:
//!
//! - all vertices that are not whole are in one strongly connected component, the core;
//! - each other vertex is a component of its own, a whole row with a cell in a column of the core, or a whole column
//!   with a cell in a row of the core.
//!
//! For if S does not contain the core, it has no column, since a column's row of the core would be in S: its edges are
//! whole rows. If S contains the core, it contains all rows: its edges are whole columns.
//!
//! Where they don't hold, shown cells with the fewest records are hidden, along paths from and to the core. If there is no
//! such path, nothing of the table is shown.

use std::collections::BTreeMap;

use petgraph::algo::{astar, tarjan_scc};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::unionfind::UnionFind;
use petgraph::visit::{EdgeRef, Reversed};

use crate::table::{Cell, Table};

/// The table of one of the two attributes.
#[derive(Clone, Copy)]
pub struct Margin<'a> {
    pub cells: &'a [Cell],
    /// Whether each is shown.
    pub shown: &'a [bool],
}

/// A side of the grid: which of its lines a label is in.
struct Side<'a> {
    lines: BTreeMap<&'a str, usize>,
    /// Records and units of each; the last is that of the hidden labels.
    sums: Vec<(u64, u64)>,
}

impl<'a> Side<'a> {
    fn new(margin: Margin<'a>) -> Self {
        let last = margin.shown.iter().filter(|shown| **shown).count();
        let mut side = Self { lines: BTreeMap::new(), sums: vec![(0, 0); last + 1] };
        let mut next = 0;
        for (cell, shown) in margin.cells.iter().zip(margin.shown) {
            let line = if *shown { next } else { last };
            next += usize::from(*shown);
            side.lines.insert(cell.labels[0].as_str(), line);
            side.sums[line].0 += cell.records;
            // Of hidden ones a lower bound.
            side.sums[line].1 = side.sums[line].1.max(cell.units);
        }
        side
    }

    fn last(&self) -> usize {
        self.sums.len() - 1
    }
}

/// The cells of one row and one column.
#[derive(Default)]
struct Crossing {
    records: u64,
    /// At least.
    units: u64,
    shown: bool,
    /// The cell in the table, if it is one.
    cell: Option<usize>,
}

/// A table of two attributes, by its rows and columns.
pub struct Grid {
    rows: usize,
    columns: usize,
    crossings: BTreeMap<(usize, usize), Crossing>,
    cells: usize,
}

impl Grid {
    /// `alone`: whether each cell would be shown if nothing could be had by subtraction.
    pub fn new(table: &Table, rows: Margin<'_>, columns: Margin<'_>, alone: Vec<bool>) -> Result<Self, String> {
        let (rows, columns) = (Side::new(rows), Side::new(columns));
        let mut crossings: BTreeMap<(usize, usize), Crossing> = BTreeMap::new();
        let mut units = [vec![0; rows.sums.len()], vec![0; columns.sums.len()]];
        for (index, (cell, alone)) in table.cells.iter().zip(&alone).enumerate() {
            let unknown = || format!("{:?} of {:?} is in no table of one attribute", cell.labels, table.attributes);
            let [row, column] = cell.labels.as_slice() else { return Err(unknown()) };
            let line = |side: &Side<'_>, label: &String| side.lines.get(label.as_str()).copied().ok_or_else(unknown);
            let (row, column) = (line(&rows, row)?, line(&columns, column)?);
            units[0][row] += cell.units;
            units[1][column] += cell.units;
            let crossing = crossings.entry((row, column)).or_default();
            crossing.records += cell.records;
            crossing.units = crossing.units.max(cell.units);
            if row < rows.last() && column < columns.last() {
                crossing.shown = *alone;
                crossing.cell = Some(index);
            }
        }
        crossings.retain(|_, crossing| crossing.records > 0);
        for (side, name, of) in [(&rows, 0, true), (&columns, 1, false)] {
            let mut sums = vec![(0, 0); side.sums.len()];
            for ((row, column), crossing) in &crossings {
                let sum = &mut sums[if of { *row } else { *column }];
                *sum = (sum.0 + crossing.records, sum.1 + crossing.units);
            }
            if let Some(line) = (0..sums.len()).find(|&line| sums[line].0 != side.sums[line].0) {
                let (key, found, wanted) = (&table.attributes[name], sums[line].0, side.sums[line].0);
                return Err(format!(
                    "a value of `{key}` has {found} records in {:?}, and {wanted} in its own table",
                    table.attributes
                ));
            }
            if units[name].iter().zip(&side.sums).any(|(found, wanted)| *found < wanted.1) {
                let key = &table.attributes[name];
                return Err(format!(
                    "a value of `{key}` has fewer units in {:?} than in its own table",
                    table.attributes
                ));
            }
            // The last cell of a row has the units of the row that its other cells do not have.
            for ((row, column), crossing) in &mut crossings {
                let (line, across) = if of { (*row, *column) } else { (*column, *row) };
                let last = if of { columns.last() } else { rows.last() };
                if across == last && line < side.last() {
                    let others = sums[line].1 - crossing.units;
                    crossing.units = crossing.units.max(side.sums[line].1.saturating_sub(others));
                }
            }
        }
        Ok(Self { rows: rows.sums.len(), columns: columns.sums.len(), crossings, cells: table.cells.len() })
    }

    /// Whether each cell of the table is shown.
    pub fn shown(&self) -> Vec<bool> {
        let mut shown = vec![false; self.cells];
        for crossing in self.crossings.values().filter(|crossing| crossing.shown) {
            if let Some(cell) = crossing.cell {
                shown[cell] = true;
            }
        }
        shown
    }

    /// The same after more cells were hidden, so that there is no group of few.
    pub fn suppressed(mut self, threshold: u64) -> Vec<bool> {
        loop {
            match self.apart(threshold) {
                Apart::Nothing => return self.shown(),
                Apart::Vertices(vertices, component) => {
                    if self.connect(threshold, &vertices, &component) {
                        continue;
                    }
                }
                Apart::Loose => {}
            }
            self.crossings.values_mut().for_each(|crossing| crossing.shown = false);
            return self.shown();
        }
    }

    fn column(&self, column: usize) -> usize {
        self.rows + column
    }

    /// The hidden cells as arcs, and if `all`, the shown ones too, with the records that hiding them would cost.
    fn graph(&self, threshold: u64, all: bool) -> DiGraph<(), u64> {
        let mut graph = DiGraph::new();
        (0..self.rows + self.columns).for_each(|_| _ = graph.add_node(()));
        for ((row, column), crossing) in self.crossings.iter().filter(|(_, crossing)| all || !crossing.shown) {
            let (row, column) = (NodeIndex::new(*row), NodeIndex::new(self.column(*column)));
            let cost = if crossing.shown { crossing.records } else { 0 };
            graph.add_edge(row, column, cost);
            if crossing.shown || crossing.units >= threshold {
                graph.add_edge(column, row, cost);
            }
        }
        graph
    }

    /// Hides the cells of the cheapest paths from each vertex to its core, and from the core to it; false if there is none.
    fn connect(&mut self, threshold: u64, vertices: &[(usize, usize)], component: &[usize]) -> bool {
        let mut graph = self.graph(threshold, true);
        for (vertex, core) in vertices {
            let from = NodeIndex::new(*vertex);
            let is_core = |node: NodeIndex| component[node.index()] == *core;
            let there = astar(&graph, from, is_core, |edge| *edge.weight(), |_| 0);
            let back = astar(Reversed(&graph), from, is_core, |edge| *edge.weight(), |_| 0);
            let (Some((_, there)), Some((_, back))) = (there, back) else { return false };
            for step in there.windows(2).chain(back.windows(2)) {
                let (row, column) = (step[0].min(step[1]), step[0].max(step[1]));
                if let Some(crossing) = self.crossings.get_mut(&(row.index(), column.index() - self.rows)) {
                    crossing.shown = false;
                }
                for edge in [graph.find_edge(row, column), graph.find_edge(column, row)].into_iter().flatten() {
                    graph[edge] = 0;
                }
            }
        }
        true
    }

    /// What keeps the conditions from holding.
    fn apart(&self, threshold: u64) -> Apart {
        let hidden: Vec<_> = self.crossings.iter().filter(|(_, crossing)| !crossing.shown).map(|(at, _)| *at).collect();
        let mut whole = vec![true; self.rows + self.columns];
        for (row, column) in self.crossings.iter().filter(|(_, crossing)| crossing.shown).map(|(at, _)| at) {
            whole[*row] = false;
            whole[self.column(*column)] = false;
        }
        let mut component = vec![0; whole.len()];
        let components = tarjan_scc(&self.graph(threshold, false));
        for (index, vertices) in components.iter().enumerate() {
            vertices.iter().for_each(|vertex| component[vertex.index()] = index);
        }
        let mut parts = UnionFind::new(whole.len());
        hidden.iter().for_each(|(row, column)| _ = parts.union(*row, self.column(*column)));
        let mut core: BTreeMap<usize, usize> = BTreeMap::new();
        let size = |vertex: usize| components[component[vertex]].len();
        for vertex in (0..whole.len()).filter(|&vertex| !whole[vertex]) {
            let known = core.entry(parts.find(vertex)).or_insert(vertex);
            if size(*known) < size(vertex) {
                *known = vertex;
            }
        }
        // One vertex of each component that must be in the core.
        let mut outside: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for vertex in (0..whole.len()).filter(|&vertex| !whole[vertex]) {
            let core = component[core[&parts.find(vertex)]];
            if component[vertex] != core {
                outside.entry(component[vertex]).or_insert((vertex, core));
            }
        }
        if !outside.is_empty() {
            return Apart::Vertices(outside.into_values().collect(), component);
        }
        // A part without shown cells in its rows and columns: its largest component may be the core.
        for vertices in &components {
            let part = parts.find(vertices[0].index());
            let first = vertices[0].index();
            match core.get(&part) {
                Some(&known) if !whole[known] || size(known) >= vertices.len() => {}
                _ => _ = core.insert(part, first),
            }
        }
        let is_core =
            |vertex: usize| core.get(&parts.find(vertex)).is_some_and(|&core| component[core] == component[vertex]);
        let mut attached: Vec<bool> = (0..whole.len()).map(is_core).collect();
        let single = |vertex: usize| components[component[vertex]].len() == 1;
        for (row, column) in hidden.iter().map(|(row, column)| (*row, self.column(*column))) {
            attached[row] |= is_core(column) && single(row);
            attached[column] |= is_core(row) && single(column);
        }
        if attached.iter().all(|attached| *attached) { Apart::Nothing } else { Apart::Loose }
    }
}

/// The first thing that keeps the conditions of a safe table from holding.
enum Apart {
    Nothing,
    /// Vertices that are not whole, each with the core that it is not in; and the component of every vertex.
    Vertices(Vec<(usize, usize)>, Vec<usize>),
    /// A vertex that hangs on no core.
    Loose,
}
