// Package page renders every page of the console. A page is a function of its frame and its view. A view contains only
// text, numbers, booleans and times that the page shows, and lists of them. A field called Settings is the path of a
// subscription's settings, without a slash at the end.
package page
