package import Contracts

/// A corp's directory, indexed for questions about people.
package struct Directory: Sendable {
    package let corpID: String
    private let employees: [String: DirectoryConfiguration.Employee]
    private let departments: [Int: DirectoryConfiguration.Department]

    package init(_ configuration: DirectoryConfiguration) {
        corpID = configuration.corpID
        employees = Dictionary(
            configuration.employees.map { ($0.id.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        departments = Dictionary(configuration.departments.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// User ids are compared without regard to case, as the platform does.
    package func employee(_ id: String) -> DirectoryConfiguration.Employee? {
        employees[id.lowercased()]
    }

    /// Who answers for an employee: the first leader of the main department who is listed, present and somebody else;
    /// otherwise the same question one department up, until the root.
    ///
    /// Nobody is their own leader: when the employee concerned leads the department, offender or not, the department
    /// above hears of it.
    /// - Returns: `nil` for an employee who is not in the directory, or when nobody up to the root qualifies.
    package func leader(of employeeID: String) -> DirectoryConfiguration.Employee? { leading(employeeID)?.leader }

    /// The same with the department that the leader leads.
    package func leading(
        _ employeeID: String
    ) -> (leader: DirectoryConfiguration.Employee, departmentID: Int)? {
        guard let concerned = employee(employeeID) else { return nil }
        var visited: Set<Int> = []
        var current: Int? = concerned.departmentID
        // A circle of departments would be a fault of the directory; it must not hang the worker.
        while let id = current, visited.insert(id).inserted, let department = departments[id] {
            for candidate in department.leaders.lazy.compactMap(employee(_:))
            where !candidate.absent && candidate.id.lowercased() != concerned.id.lowercased() {
                return (candidate, id)
            }
            current = department.parentID
        }
        return nil
    }

    /// All who answer for an employee, one department up at a time, each once: first ``leader(of:)``. User ids.
    package func leaders(above employeeID: String) -> [String] {
        guard let concerned = employee(employeeID) else { return [] }
        var leaders: [String] = []
        var seen: Set<String> = [concerned.id.lowercased()]
        var visited: Set<Int> = []
        var current: Int? = concerned.departmentID
        while let id = current, visited.insert(id).inserted, let department = departments[id] {
            let candidates = department.leaders.lazy.compactMap(employee(_:)).filter { !$0.absent }
            // A department whose leader was named below has nobody new to ask.
            if let leader = candidates.first(where: { $0.id.lowercased() != concerned.id.lowercased() }),
                seen.insert(leader.id.lowercased()).inserted
            {
                leaders.append(leader.id)
            }
            current = department.parentID
        }
        return leaders
    }
}
