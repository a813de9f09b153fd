// Package page draws every page of the console. A page is a function of its frame and its own view, and a view holds
// nothing but text, truth values and times that are meant to be seen. Addresses called Settings are the address of a
// subscription's settings, without a slash at the end.
package page
