/// What a command is going to do, a step at a time, each of which knows whether it is done already.
///
/// What was done is derived from git and the forge, not from the status file, so that a run that broke off is gone on with by running the
/// command again.
package struct Plan: Sendable {
    /// The command: `init`, `complete`.
    package var command: String
    /// The steps in their order.
    package var steps: [Step]

    /// Whether it is the last of a hotfix, so that nothing that was begun is taken up later.
    package var endsHotfix: Bool

    /// Makes a plan.
    package init(_ command: String, _ steps: [Step], endsHotfix: Bool = false) {
        self.command = command
        self.steps = steps
        self.endsHotfix = endsHotfix
    }

    /// One step.
    package struct Step: Sendable {
        /// What it does, in the imperative.
        ///
        /// For example `Push 'release/hotfix-20261122' to origin.`
        package var title: String
        /// What it did, in the past tense, for the history.
        ///
        /// For example `Pushed 'release/hotfix-20261122' to origin.`
        package var did: String
        /// What tells that it is this step in another run, which may have another way of saying what it did.
        package var identity: String
        /// Whether it is done already: asked before the plan is shown, and again before it is carried out.
        package var isDone: @Sendable () async throws -> Bool
        /// Does it.
        ///
        /// It throws where it was not done, or where that is not known.
        package var perform: @Sendable () async throws -> Void
        /// Whether it changes the files of the work tree, the status file perhaps among them, which then is not written before it.
        package var changesWorkTree: Bool
        /// Notes in the status file that it is done; asked each time it is found done, and changes nothing where the file says so already.
        package var note: @Sendable (inout StatusFile) -> Void

        /// Makes a step.
        package init(
            title: String, did: String, identity: String? = nil,
            isDone: @escaping @Sendable () async throws -> Bool,
            perform: @escaping @Sendable () async throws -> Void, changesWorkTree: Bool = false,
            note: @escaping @Sendable (inout StatusFile) -> Void = { _ in }
        ) {
            self.title = title
            self.did = did
            self.identity = identity ?? did
            self.isDone = isDone
            self.perform = perform
            self.changesWorkTree = changesWorkTree
            self.note = note
        }
    }
}
