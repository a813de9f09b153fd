package main

import (
	"context"
)

func demo(ctx context.Context, args []string, w world) error { return nil }
