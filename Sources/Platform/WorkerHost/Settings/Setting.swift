/// One thing that can be configured: how it is called on the command line, in the environment and in the file.
///
/// Precedence: flag, then environment, then file, then the default.
package struct Setting: Sendable, Hashable {
    /// Key in the file and for `--set`, dotted: `http.address` is `address:` beneath `http:`.
    package var key: String
    /// Environment variable, as `SCRM_HTTP_ADDRESS`.
    package var environment: String
    /// Flag with its dashes; `nil`: only `--set KEY=VALUE` sets it on the command line.
    package var flag: String?
    /// What it means, with unit and range.
    package var help: String
    /// The value is never printed.
    package var isSecret: Bool

    /// - Parameter environment: `SCRM_` and the key in capitals unless given.
    package init(_ key: String, environment: String? = nil, flag: String? = nil, help: String, isSecret: Bool = false) {
        self.key = key
        self.environment = environment ?? Self.environmentName(for: key)
        self.flag = flag
        self.help = help
        self.isSecret = isSecret
    }

    private static func environmentName(for key: String) -> String {
        "SCRM_" + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
    }
}
