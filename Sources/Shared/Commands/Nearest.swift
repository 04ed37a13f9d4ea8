/// Finds the name that somebody meant.
enum Nearest {
    /// The nearest of the names, if it is near: a third of its letters may differ, one at least.
    static func name(to text: String, among names: [String]) -> String? {
        // A text of any length may be given; only short ones are near to a name.
        guard text.utf8.count <= 64 else { return nil }
        let scored = names.map { (name: $0, distance: distance(Array(text.utf8), Array($0.utf8))) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.name.utf8.count / 3) ? best.name : nil
    }

    /// How many insertions, deletions, substitutions and swaps of neighbours make one of the other
    /// (Damerau 1964, in the restricted form of optimal string alignment).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var rows = [Array(0...right.count)]
        for row in left.indices {
            var line = [row + 1]
            for column in right.indices {
                let change = left[row] == right[column] ? 0 : 1
                var least = min(rows[row][column + 1] + 1, line[column] + 1, rows[row][column] + change)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, rows[row - 1][column - 1] + 1)
                }
                line.append(least)
            }
            rows.append(line)
        }
        return rows[left.count][right.count]
    }
}
