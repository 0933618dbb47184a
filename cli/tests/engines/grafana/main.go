// Reads a dashboard from standard input by Grafana's own types, which refuse unknown fields, missing ones and wrong values.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		var board dashboard.Dashboard
		// An empty list of errors is no nil.
		for _, check := range []func() error{func() error { return board.UnmarshalJSONStrict(text) }, board.Validate} {
			var errs cog.BuildErrors
			if err = check(); errors.As(err, &errs) && len(errs) == 0 {
				err = nil
			}
			if err != nil {
				break
			}
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
