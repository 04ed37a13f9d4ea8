package import Model

/// A marker that `reader verify` wrote.
package struct Fence: Sendable, Equatable {
    package var token: Token
    /// What the row held before it.
    package var previous: Token

    package init(token: Token, previous: Token) {
        (self.token, self.previous) = (token, previous)
    }
}
