/** `GET /api/public/pipeline`, as Vambe's API reference has it. */
export interface Pipeline {
  id: string;
  name: string;
  description: string | null;
  stages: { id: string; name: string; description: string | null }[];
}

/** `GET /api/public/team-members/all`, as Vambe's API reference has it. */
export interface TeamMember {
  id: string;
  name: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  phone: string | null;
}

export const PIPELINES: readonly Pipeline[] = [
  {
    id: "6f2d2c1e-5b0a-4c39-9d0e-0c8a1d7f4b10",
    name: "Ventas",
    description: null,
    stages: [
      { id: "0b8f6a52-3c1d-4e7a-8f25-9a4e6d1c7b01", name: "Nuevo", description: null },
      { id: "0b8f6a52-3c1d-4e7a-8f25-9a4e6d1c7b02", name: "Cliente", description: null },
    ],
  },
];

/** Of an account that nobody but a team works with. */
export const TEAM: readonly TeamMember[] = [
  {
    id: "c3a7e5d1-92b4-4f60-a8c3-7e1d5b9f2a01",
    name: "Soporte",
    first_name: "Soporte",
    last_name: null,
    email: null,
    phone: null,
  },
];
