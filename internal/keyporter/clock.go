package keyporter

import "time"

// clockSkew is the most by which the clocks of two nodes may differ. A stored time that is later than now by more than
// clockSkew, or an end further in the future than this code sets, was written while a clock was wrong: the row that has
// it is invalid.
const clockSkew = 5 * time.Minute
