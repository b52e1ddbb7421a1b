import { Component, type ComponentChildren } from "preact";

import { Problem } from "./message.tsx";

interface Props {
  children: ComponentChildren;
}

/** A part that can't be drawn says so; the rest of the page goes on. */
export class Boundary extends Component<Props, { error: unknown }> {
  override state = { error: undefined };

  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return <>{this.props.children}</>;
    return <Problem error={this.state.error} retry={() => this.setState({ error: undefined })} />;
  }
}
