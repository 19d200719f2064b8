import type { Metadata } from "next";
import { VambeIdentityScript } from "vambe-identity/next/script";
import "./page.css";

export const metadata: Metadata = { title: "Next.js", icons: "data:," };

export default function Layout({ children }: { children: React.ReactNode }) {
  return (
    <html lang="en">
      <body>
        <VambeIdentityScript src="/identity/vambe-identity.js" badge="bottom-left" />
        {children}
      </body>
    </html>
  );
}
