public import Commands
internal import CRelease

/// What was built: the version, and the commit where it is known.
public enum Release {
    /// The content of the file VERSION.
    public static var version: String { Self.line(String(cString: handover_version())) }

    /// The first twelve digits of the commit; `nil` where neither the build nor git's files tell it.
    public static var commit: String? {
        commit(
            told: String(cString: handover_commit()),
            head: String(cString: handover_git_head()),
            main: String(cString: handover_git_main())
        )
    }

    /// What the programs say of themselves.
    public static var program: CommandDescription.Program {
        CommandDescription.Program(
            version: "\(version) (\(commit.map { "commit \($0)" } ?? "commit not known"))",
            environmentHint: "`lab/lab env` prints it"
        )
    }

    /// - Parameters:
    ///   - told: what the build was told.
    ///   - head: what git's HEAD holds: a commit, or the name of a branch.
    ///   - main: the commit of the branch main.
    static func commit(told: String, head: String, main: String) -> String? {
        let found = line(head) == "ref: refs/heads/main" ? main : head
        for text in [told, found].map(line) where text.utf8.count >= 7 {
            if text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) {
                return String(text.utf8.prefix(12)) ?? text
            }
        }
        return nil
    }

    private static func line(_ text: String) -> String {
        String(text.utf8.prefix { $0 != 10 }) ?? text
    }
}
