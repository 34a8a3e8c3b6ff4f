package import Contracts

/// Which departments an employee belongs to, counting every department above the own one.
package struct Departments: Sendable, Equatable {
    private var departmentOf: [String: Int] = [:]
    private var parentOf: [Int: Int] = [:]

    package init(_ directory: DirectoryConfiguration) {
        // The first entry wins; a directory that repeats an id was refused when it was applied.
        for employee in directory.employees where departmentOf[employee.id.lowercased()] == nil {
            departmentOf[employee.id.lowercased()] = employee.departmentID
        }
        for department in directory.departments where parentOf[department.id] == nil {
            parentOf[department.id] = department.parentID
        }
    }

    /// - Parameter employee: Compared without regard to case, as the platform does.
    package func isEmployee(_ employee: String, inOrBelow departments: Set<Int>) -> Bool {
        var department = departmentOf[employee.lowercased()]
        var seen: Set<Int> = []
        while let current = department, seen.insert(current).inserted {  // a cycle ends the walk
            if departments.contains(current) { return true }
            department = parentOf[current]
        }
        return false
    }
}
