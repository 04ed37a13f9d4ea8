/// In which order the tables of a batch are written, so that foreign keys and unique values never stand in
/// the way of rows that the source had at one time.
///
/// First the deletes of tables where a deleted row may hold a unique value that another row gets; then all
/// writes, parents before children; then the other deletes, children before parents. Deleting late is better
/// where it is possible: rows that point elsewhere by then are not cascaded away.
struct TableOrder: Equatable, Sendable {
    /// A foreign key between two tables.
    struct Reference: Hashable, Sendable {
        let child: Int
        let parent: Int
    }

    private(set) var parentsFirst: [Int] = []
    /// Tables whose deletes come before all writes.
    var deletesEarly: Set<Int> = []
    /// Tables in which a row can be given another key in place.
    var movesKeys: Set<Int> = []
    /// Whether a constraint may be checked at the end of the transaction.
    var hasDeferrable = false

    /// Sorts `count` tables; a cycle is cut where the tables came in.
    init(count: Int, references: Set<Reference>, deletesEarly: Set<Int>) {
        self.deletesEarly = deletesEarly
        var parents = [[Int]](repeating: [], count: count)
        for reference in references where reference.child != reference.parent {
            parents[reference.child].append(reference.parent)
        }
        var isVisited = [Bool](repeating: false, count: count)
        func visit(_ table: Int, _ order: inout [Int]) {
            guard !isVisited[table] else { return }
            isVisited[table] = true
            for parent in parents[table].sorted() { visit(parent, &order) }
            order.append(table)
        }
        for table in 0..<count { visit(table, &parentsFirst) }
    }
}
